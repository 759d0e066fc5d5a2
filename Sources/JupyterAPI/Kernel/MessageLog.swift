internal import DequeModule

/// The messages of one kernel, kept within bounds for clients that come back: the oldest go first. A value.
struct MessageLog: Sendable {
    struct Entry: Sendable {
        /// The client it is for; nil for all.
        let line: Int?
        let message: KernelMessage
    }

    /// What there is for one client.
    struct Batch: Sendable {
        var messages: [KernelMessage] = []
        /// Where to read on.
        var next: Int64
        /// Messages before these are no longer kept.
        var isBehind = false
    }

    private var entries: Deque<Entry> = []
    /// The number of the oldest entry.
    private(set) var first: Int64 = 0
    private var bytes = 0
    private let capacity: Int

    /// - Parameter capacity: bytes that are kept, give or take one message.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var next: Int64 { first + Int64(entries.count) }

    mutating func append(_ entry: Entry) {
        while bytes + entry.message.cost > capacity, let oldest = entries.popFirst() {
            bytes -= oldest.message.cost
            first += 1
        }
        entries.append(entry)
        bytes += entry.message.cost
    }

    /// What a client has not read yet, up to about so many bytes.
    func read(from sequence: Int64, line: Int, maximumBytes: Int) -> Batch {
        var batch = Batch(next: max(sequence, first), isBehind: sequence < first)
        var bytes = 0
        while batch.next < next, bytes < maximumBytes {
            let entry = entries[Int(batch.next - first)]
            batch.next += 1
            guard entry.line == nil || entry.line == line else { continue }
            batch.messages.append(entry.message)
            bytes += entry.message.cost
        }
        return batch
    }
}
