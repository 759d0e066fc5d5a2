import Testing

@testable import Warden

@Suite("Lending of network namespaces")
struct LendingTests {
    private static let second: Int64 = 1_000_000_000

    @Test("goes to one borrower at a time")
    func oneAtATime() {
        var lending = NetworkLending()
        #expect(lending.isFree)
        lending.take()
        #expect(!lending.isFree)
        lending.lent()
        #expect(!lending.isFree)
        lending.giveBack()
        #expect(lending.isFree)
    }

    @Test("is given up when it does not get empty in time")
    func givenUp() {
        var lending = NetworkLending()
        for (at, isFree) in [(Self.second, true), (2 * Self.second, true), (3 * Self.second, false)] {
            lending.take()
            lending.refused(at: at)
            #expect(lending.isFree == isFree)
        }
        #expect(lending.isGivenUp)
        lending.giveBack()
        #expect(!lending.isFree)
    }

    @Test("forgives what was late")
    func forgiven() {
        var lending = NetworkLending()
        lending.refused(at: 0)
        lending.take()
        lending.lent()
        lending.giveBack()
        lending.refused(at: 100 * Self.second)
        #expect(lending.isFree && !lending.isGivenUp)
    }

    @Test("gets one zygote more for what missed most, some time after the first miss")
    func demand() {
        var demand = LenderDemand<String>()
        #expect(demand.deadline == nil && demand.take(at: 0) == nil)
        demand.miss("c", at: 1)
        demand.miss("node", at: 2)
        demand.miss("node", at: 3)
        let due = 1 + LenderDemand<String>.pause
        #expect(demand.deadline == due)
        #expect(demand.take(at: due - 1) == nil)
        #expect(demand.take(at: due) == "node")
        // One may be enough: whoever still misses has to say so.
        #expect(demand.deadline == nil && demand.take(at: due + 1) == nil)
    }

    @Test("is not tried again for a while where no zygote could be started")
    func retreat() {
        var demand = LenderDemand<String>()
        demand.miss("c", at: 0)
        #expect(demand.take(at: Self.second) == "c")
        demand.failed(at: Self.second)
        demand.miss("c", at: 2 * Self.second)
        #expect(demand.deadline == Self.second + LenderDemand<String>.retreat)
    }
}
