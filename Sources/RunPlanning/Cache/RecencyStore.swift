/// Values by key within bounds of cost and number; what has not been asked for the longest goes first.
///
/// Pure. Every operation takes the same time, however much is kept.
package struct RecencyStore<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Node {
        let value: Value
        let cost: Int
        var older: Key?
        var newer: Key?
    }

    package let maximumCost: Int
    package let maximumCount: Int
    package private(set) var cost = 0
    private var nodes: [Key: Node] = [:]
    private var oldest: Key?
    private var newest: Key?

    /// - Parameters:
    ///   - maximumCost: of all values together.
    ///   - maximumCount: of values.
    package init(maximumCost: Int, maximumCount: Int) {
        self.maximumCost = maximumCost
        self.maximumCount = maximumCount
    }

    package var count: Int { nodes.count }

    /// The value, which is then the last one to go.
    package mutating func find(_ key: Key) -> Value? {
        guard let node = remove(key) else { return nil }
        append(key, node.value, cost: node.cost)
        return node.value
    }

    /// Keeps a value, in place of the one of the same key if there is one, and lets go of others to make room.
    ///
    /// - Returns: whether it is kept; one that does not fit at all is not, and nothing goes for it but its predecessor.
    @discardableResult
    package mutating func keep(_ key: Key, _ value: Value, cost: Int) -> Bool {
        _ = remove(key)
        guard (0...maximumCost).contains(cost), maximumCount > 0 else { return false }
        // Both are within the maximum, so the difference cannot overflow.
        while self.cost > maximumCost - cost || nodes.count >= maximumCount, let oldest { _ = remove(oldest) }
        append(key, value, cost: cost)
        return true
    }

    private mutating func append(_ key: Key, _ value: Value, cost: Int) {
        nodes[key] = Node(value: value, cost: cost, older: newest, newer: nil)
        if let newest { nodes[newest]?.newer = key }
        newest = key
        oldest = oldest ?? key
        self.cost += cost
    }

    private mutating func remove(_ key: Key) -> Node? {
        guard let node = nodes.removeValue(forKey: key) else { return nil }
        if let older = node.older { nodes[older]?.newer = node.newer } else { oldest = node.newer }
        if let newer = node.newer { nodes[newer]?.older = node.older } else { newest = node.older }
        cost -= node.cost
        return node
    }
}
