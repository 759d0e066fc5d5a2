import TestSupport
import Testing

@testable import ServerTransport

@Suite("Connection counter")
struct ConnectionCounterTests {
    @Test("One address has so many and no more, and gets its place back")
    func perAddress() {
        let counter = ConnectionCounter(perAddress: 2, total: 10)
        #expect(counter.open("a"))
        #expect(counter.open("a"))
        #expect(!counter.open("a"))
        #expect(counter.open("b"))
        counter.close("a")
        #expect(counter.open("a"))
        #expect(counter.openConnections == 3)
    }

    @Test("All together have so many and no more")
    func total() {
        let counter = ConnectionCounter(perAddress: 5, total: 3)
        for name in ["a", "b", "c"] { #expect(counter.open(name)) }
        #expect(!counter.open("d"))
        #expect(!counter.open(nil))
        counter.close("b")
        #expect(counter.open(nil))
    }

    @Test("Proxies count in the total alone")
    func proxies() {
        let counter = ConnectionCounter(perAddress: 1, total: 4)
        for _ in 0..<4 { #expect(counter.open(nil)) }
        #expect(!counter.open(nil))
        #expect(counter.addresses == 0)
        for _ in 0..<9 { counter.close(nil) }
        #expect(counter.openConnections == 0)
        #expect(counter.open("a"))
    }

    @Test("What was never counted cannot be closed")
    func unknown() {
        let counter = ConnectionCounter(perAddress: 1, total: 2)
        #expect(counter.open("a"))
        counter.close("b")
        counter.close("b")
        #expect(counter.openConnections == 1)
        #expect(!counter.open("a"))
    }

    @Test("Bounds without sense let one connection in", arguments: [Int.min, -1, 0])
    func extremes(bound: Int) {
        let counter = ConnectionCounter(perAddress: bound, total: bound)
        #expect(counter.open("a"))
        #expect(!counter.open("b"))
    }

    @Test("It agrees with a list of connections after any history, and forgets who is gone")
    func model() {
        var random = RandomText(seed: 4)
        let counter = ConnectionCounter(perAddress: 3, total: 12)
        var model: [String] = []
        for _ in 0..<5000 {
            let name = "\(random.below(8))"
            if random.below(2) == 0 {
                let fits = model.count < 12 && model.count { $0 == name } < 3
                #expect(counter.open(name) == fits)
                if fits { model.append(name) }
            } else {
                counter.close(name)
                if let index = model.firstIndex(of: name) { model.remove(at: index) }
            }
            #expect(counter.openConnections == model.count)
            #expect(counter.addresses == Set(model).count)
        }
    }

    @Test("In parallel, no more than the bound are ever open, and all come back")
    func parallel() async {
        let counter = ConnectionCounter(perAddress: 4, total: 10)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    for _ in 0..<500 where counter.open("\(index % 3)") {
                        #expect(counter.openConnections <= 10)
                        counter.close("\(index % 3)")
                    }
                }
            }
        }
        #expect(counter.openConnections == 0)
        #expect(counter.addresses == 0)
    }
}
