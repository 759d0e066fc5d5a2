/// The next deadline of each of many keys, the earliest first. Pure.
///
/// A binary heap. A deadline that was changed stays in it until it comes to the front, or until such ones are the majority.
struct DeadlineQueue<Key: Hashable> {
    private struct Entry {
        let moment: Int64
        let key: Key
    }

    private var heap: [Entry] = []
    private var current: [Key: Int64] = [:]

    /// How many keys have a deadline.
    var count: Int { current.count }

    /// Sets, moves or (nil) removes the deadline of a key.
    mutating func set(_ key: Key, to moment: Int64?) {
        guard current[key] != moment else { return }
        current[key] = moment
        if let moment { push(Entry(moment: moment, key: key)) }
        if heap.count > 2 * current.count + 64 { rebuild() }
    }

    /// The earliest deadline.
    mutating func earliest() -> Int64? {
        while let top = heap.first {
            if current[top.key] == top.moment { return top.moment }
            removeFirst()
        }
        return nil
    }

    /// Removes the earliest deadline and says whose it was; nil when none has come.
    mutating func popDue(at now: Int64) -> Key? {
        guard let moment = earliest(), moment <= now, let key = heap.first?.key else { return nil }
        removeFirst()
        current[key] = nil
        return key
    }

    private mutating func rebuild() {
        heap = []
        for (key, moment) in current { push(Entry(moment: moment, key: key)) }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0, heap[child].moment < heap[(child - 1) / 2].moment {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].moment < heap[least].moment { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
