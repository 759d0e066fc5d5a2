import FairQueue
import Testing

@Suite("Parts of the queue")
struct PartTests {
    @Test("a heap does what a sorted list does")
    func heap() {
        var random = SplitMix(state: 1)
        var heap = IndexedHeap<Int>()
        var model: [Int: (key: Double, order: Int)] = [:]
        for step in 0..<5000 {
            let member = Int.random(in: 0..<100, using: &random)
            if Int.random(in: 0..<3, using: &random) == 0 {
                #expect(heap.remove(member) == (model.removeValue(forKey: member) != nil))
            } else {
                let key = Double(Int.random(in: 0..<50, using: &random))
                heap.set(member, key: key)
                model[member] = (key, step)
            }
            let sorted = model.sorted { ($0.value.key, $0.value.order) < ($1.value.key, $1.value.order) }.map(\.key)
            #expect(heap.first == sorted.first)
            #expect(heap.count == model.count)
            if step.isMultiple(of: 100) { #expect(heap.inOrder == sorted) }
        }
    }

    @Test("a hand has different queues, is the same each time, and leaves others an empty queue")
    func shards() {
        let shards = ShuffleShard(seed: 5)
        var missed = 0
        for pair in 0..<2000 {
            let hand = shards.hand(of: "192.0.2.\(pair)")
            #expect(Set(hand).count == 8 && hand.allSatisfy { (0..<64).contains($0) })
            #expect(shards.hand(of: "192.0.2.\(pair)") == hand)
            // Sixteen that flood, each in a queue.
            let flooded = Set((0..<16).map { shards.hand(of: "198.51.100.\(pair).\($0)")[0] })
            if Set(hand).isSubset(of: flooded) { missed += 1 }
        }
        #expect(missed <= 1, "\(missed) of 2000; expected are 0.006")
        var counts = [Int](repeating: 0, count: 64)
        for name in 0..<8000 { for queue in shards.hand(of: "\(name)") { counts[queue] += 1 } }
        #expect(counts.allSatisfy { (800...1200).contains($0) }, "\(counts)")
    }

    @Test("an average follows costs, falls back on what is known, and forgets what is not used")
    func estimates() {
        var estimates = CostEstimates(maximum: 100)
        #expect(estimates.estimate(tenant: "a", kind: "x") == CostEstimates.standard)
        for _ in 0..<100 { estimates.note(10, tenant: "a", kind: "x") }
        #expect(estimates.estimate(tenant: "a", kind: "x") == 10)
        #expect(estimates.estimate(tenant: "b", kind: "x") == 10, "others' runs of the kind are the best guess")
        for _ in 0..<100 { estimates.note(2, tenant: "a", kind: "x") }
        #expect(abs(estimates.estimate(tenant: "a", kind: "x") - 2) < 0.01)
        for kind in 0..<10_000 { estimates.note(.infinity, tenant: "t\(kind)", kind: "k\(kind)") }
        #expect(estimates.count <= 100)
        #expect(
            estimates.estimate(tenant: "t9999", kind: "k9999") == CostEstimates.smallest,
            "what is no number costs next to nothing")
    }

    @Test("flows that have gone are forgotten, however many there were")
    func forgetsFlows() {
        var share = FairShare<Int>(maximumIdle: 10)
        for flow in 0..<10_000 {
            share.set(flow, isReady: true)
            share.charge(flow, Double(flow % 7))
            share.set(flow, isReady: false)
        }
        #expect(share.count <= 11)
        #expect(share.readyWeight == 0)
    }
}
