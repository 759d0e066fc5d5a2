import Testing

@testable import RunPlanning

@Suite("What is kept by recency")
struct RecencyStoreTests {
    private func store(cost: Int = 100, count: Int = 10) -> RecencyStore<String, Int> {
        RecencyStore(maximumCost: cost, maximumCount: count)
    }

    @Test("What was used least recently goes first, and being found is being used")
    func order() {
        var store = store(count: 3)
        for (index, key) in ["a", "b", "c"].enumerated() { store.keep(key, index, cost: 1) }
        #expect(store.find("a") == 0)
        store.keep("d", 3, cost: 1)
        #expect(store.find("b") == nil)
        store.keep("e", 4, cost: 1)
        #expect(store.find("c") == nil)
        #expect([store.find("a"), store.find("d"), store.find("e")] == [0, 3, 4])
        #expect(store.count == 3)
    }

    @Test("As many go as are in the way of a costly one, and no more")
    func cost() {
        var store = store(cost: 100)
        for key in ["a", "b", "c", "d"] { store.keep(key, 0, cost: 25) }
        #expect(store.cost == 100)
        store.keep("e", 1, cost: 50)
        #expect(store.cost == 100)
        #expect([store.find("a"), store.find("b")] == [nil, nil])
        #expect([store.find("c"), store.find("d"), store.find("e")] == [0, 0, 1])
    }

    @Test("A key has one value, the last one, and its cost counts once")
    func replaced() {
        var store = store()
        store.keep("a", 1, cost: 60)
        store.keep("b", 2, cost: 10)
        store.keep("a", 3, cost: 70)
        #expect(store.find("a") == 3)
        #expect(store.find("b") == 2)
        #expect(store.cost == 80)
        #expect(store.count == 2)
    }

    @Test("What does not fit at all is not kept and drives nothing out", arguments: [101, -1, .max, .min])
    func tooLarge(cost: Int) {
        var store = store(cost: 100)
        store.keep("a", 1, cost: 100)
        let isKept = store.keep("b", 2, cost: cost)
        #expect(!isKept)
        #expect(store.find("a") == 1)
        #expect(store.cost == 100)
    }

    @Test("A store without room keeps nothing")
    func nothing() {
        var store = store(count: 0)
        let isKept = store.keep("a", 1, cost: 0)
        #expect(!isKept)
        #expect(store.count == 0)
    }

    @Test("It does what a list searched from end to end does", arguments: [1, 2, 3] as [UInt64])
    func model(seed: UInt64) {
        var random = seed
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var store = RecencyStore<Int, Int>(maximumCost: 50, maximumCount: 8)
        var list: [(key: Int, value: Int, cost: Int)] = []
        for step in 0..<5000 {
            let key = next(16)
            let index = list.firstIndex { $0.key == key }
            if next(2) == 0 {
                #expect(store.find(key) == index.map { list[$0].value })
                if let index { list.append(list.remove(at: index)) }
            } else {
                let cost = next(60)
                store.keep(key, step, cost: cost)
                if let index { list.remove(at: index) }
                if cost <= 50 {
                    while list.count >= 8 || list.reduce(0, { $0 + $1.cost }) + cost > 50 { list.removeFirst() }
                    list.append((key, step, cost))
                }
            }
            #expect(store.count == list.count)
            #expect(store.cost == list.reduce(0) { $0 + $1.cost })
        }
    }
}
