import Testing

@testable import SandboxPool

private let second: Int64 = 1_000_000_000

@Suite("The shape of the load") struct LoadShapeTests {
    /// Requests that come together, a millisecond apart.
    private func burst(_ count: Int, at now: Int64, in shape: inout LoadShape) {
        for index in 0..<count { shape.arrive(at: now + Int64(index) * 1_000_000) }
    }

    @Test func oneAtATimeTeachesNothing() {
        var shape = LoadShape()
        for index in 0..<1_000 { shape.arrive(at: Int64(index) * 2 * second) }
        #expect(shape.expected(at: 2_000 * second, second: 0) == 0)
    }

    @Test func aBurstIsExpectedAgainAndForgotten() {
        var shape = LoadShape()
        burst(40, at: 0, in: &shape)
        #expect(shape.expected(at: second, second: 0) == 40)
        // A smaller one meanwhile takes nothing away.
        burst(5, at: 10 * second, in: &shape)
        #expect(shape.expected(at: 11 * second, second: 0) >= 38)
        #expect((13...16).contains(shape.expected(at: 300 * second, second: 0)))
        #expect(shape.expected(at: 1_800 * second, second: 0) == 0)
    }

    @Test func aBurstEndsAfterASecond() {
        var shape = LoadShape()
        for index in 0..<30 { shape.arrive(at: Int64(index) * 100_000_000) }
        #expect(shape.expected(at: 3 * second, second: 0) == 10)
    }

    @Test func thePartOfTheDayThatWasBusyIsPreparedForOnTheNextDay() {
        var shape = LoadShape()
        let nine = 9 * 3_600
        shape.pass(second: nine)
        burst(30, at: Int64(nine) * second, in: &shape)
        for minute in 1...1_380 { shape.pass(second: (nine + minute * 60) % 86_400) }
        let next = Int64(nine + 82_800) * second
        #expect(shape.expected(at: next, second: nine - 3_600) == 0)
        #expect(shape.expected(at: next + 3_000 * second, second: nine - 61) == 0)
        #expect(shape.expected(at: next + 3_600 * second, second: nine - 30) == 30)
        #expect(shape.expected(at: next + 3_600 * second, second: nine + 899) == 30)
        #expect(shape.expected(at: next + 3_600 * second, second: nine + 900) == 0)
    }

    @Test func quietDaysHalveWhatWasLearnt() {
        var shape = LoadShape()
        shape.pass(second: 0)
        burst(16, at: 0, in: &shape)
        var expected: [Int] = []
        for day in 1...5 {
            for slot in 1...LoadShape.slots { shape.pass(second: slot * 900 % 86_400) }
            expected.append(shape.expected(at: Int64(day) * 86_400 * second, second: 0))
        }
        #expect(expected == [16, 8, 4, 2, 0])
    }

    @Test func theLastSecondOfTheDayLooksIntoTheNext() {
        var shape = LoadShape()
        shape.pass(second: 0)
        burst(8, at: 0, in: &shape)
        shape.pass(second: 900)
        #expect(shape.expected(at: 86_400 * second, second: 86_399) == 8)
        // Times that are none do not trap.
        shape.pass(second: -5)
        #expect(shape.expected(at: .max, second: .max) == 8)
    }

    @Test func aPoolKeepsWhatABurstTookWithinItsShareOfTheMemory() {
        var pools = SandboxPools<String>(bounds: PoolBounds(memory: 400, builds: 64))
        _ = pools.configure([("a", PoolSize(minimum: 0, maximum: 64, weight: 10))], now: 0)
        for index in 0..<50 { _ = pools.lease("a", now: Int64(index)) }
        func target(_ now: Int64) -> Int { pools.status(now: now).first?.status.target ?? -1 }
        // The rate has faded; of what the burst took, a quarter of 400 bytes pays for ten.
        #expect(target(120 * second) == 10)
        #expect(target(3_600 * second) == 0)
    }
}
