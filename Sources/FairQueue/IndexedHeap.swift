/// A heap that finds the member with the smallest key, and can change the key of any member or remove it. Members with equal keys
/// come in the order in which they got their keys. All operations but `removeAll` take O(log n).
package struct IndexedHeap<Member: Hashable & Sendable>: Sendable {
    private struct Node: Sendable {
        let member: Member
        let key: Double
        let order: UInt64

        func comes(before other: Node) -> Bool { (key, order) < (other.key, other.order) }
    }

    private var nodes: [Node] = []
    private var places: [Member: Int] = [:]
    private var orders: UInt64 = 0

    package init() {}

    package var count: Int { nodes.count }
    package var isEmpty: Bool { nodes.isEmpty }
    package var first: Member? { nodes.first?.member }
    /// The members in no order.
    package var members: some Collection<Member> { places.keys }

    /// All members, the first first. Takes O(n log n).
    package var inOrder: [Member] { nodes.sorted { $0.comes(before: $1) }.map(\.member) }

    package func contains(_ member: Member) -> Bool { places[member] != nil }

    /// Adds a member, or changes its key.
    package mutating func set(_ member: Member, key: Double) {
        orders += 1
        let node = Node(member: member, key: key, order: orders)
        if let place = places[member] {
            nodes[place] = node
            if !moveUp(place) { moveDown(place) }
        } else {
            nodes.append(node)
            places[member] = nodes.count - 1
            _ = moveUp(nodes.count - 1)
        }
    }

    /// - Returns: whether it was a member.
    @discardableResult
    package mutating func remove(_ member: Member) -> Bool {
        guard let place = places.removeValue(forKey: member) else { return false }
        let last = nodes.removeLast()
        guard place < nodes.count else { return true }
        nodes[place] = last
        places[last.member] = place
        if !moveUp(place) { moveDown(place) }
        return true
    }

    private mutating func moveUp(_ start: Int) -> Bool {
        var place = start
        let node = nodes[place]
        while place > 0, node.comes(before: nodes[(place - 1) / 2]) {
            put(nodes[(place - 1) / 2], at: place)
            place = (place - 1) / 2
        }
        put(node, at: place)
        return place != start
    }

    private mutating func moveDown(_ start: Int) {
        var place = start
        let node = nodes[place]
        while true {
            var child = 2 * place + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].comes(before: nodes[child]) { child += 1 }
            guard nodes[child].comes(before: node) else { break }
            put(nodes[child], at: place)
            place = child
        }
        put(node, at: place)
    }

    private mutating func put(_ node: Node, at place: Int) {
        nodes[place] = node
        places[node.member] = place
    }
}
