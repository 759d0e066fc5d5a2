/// Deals each name a hand of queues: two names have all of their queues in common about once in four thousand million times, and a
/// name that fills all of its queues leaves nearly every other name one that is empty.
///
/// Names without a key cost nothing to make. So they share a fixed number of queues, however many there are.
package struct ShuffleShard: Sendable {
    private let queues: Int
    private let hand: Int
    private let seed: UInt64

    /// - Parameters:
    ///   - queues: 2 to 256.
    ///   - hand: at most 8, and at most half of the queues.
    ///   - seed: unknown to those who choose names.
    package init(queues: Int = 64, hand: Int = 8, seed: UInt64 = .random(in: .min ... .max)) {
        self.queues = min(max(queues, 2), 256)
        self.hand = min(max(hand, 1), 8, self.queues / 2)
        self.seed = seed
    }

    /// The queues of a name, each once.
    package func hand(of name: String) -> [Int] {
        var hasher = Hasher()
        hasher.combine(seed)
        hasher.combine(name)
        var rest = UInt64(truncatingIfNeeded: hasher.finalize())
        var left = Array(0..<queues)
        return (0..<hand).map { _ in
            let index = Int(rest % UInt64(left.count))
            rest /= UInt64(left.count)
            // The last one takes the place: what is left stays without gaps.
            left.swapAt(index, left.count - 1)
            return left.removeLast()
        }
    }
}
