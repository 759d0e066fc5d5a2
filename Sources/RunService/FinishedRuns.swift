internal import DequeModule
package import RunModel

/// Which finished runs are still known: bounded in number, bytes and age, oldest out first. A value with times as input.
package struct FinishedRuns: Sendable {
    package struct Bounds: Sendable, Equatable {
        package var count: Int
        package var bytes: Int
        /// Nanoseconds.
        package var age: Int64

        package init(count: Int, bytes: Int, age: Int64) {
            self.count = count
            self.bytes = bytes
            self.age = age
        }
    }

    private struct Entry {
        let id: RunID
        let bytes: Int
        let at: Int64
    }

    private let bounds: Bounds
    private var entries: Deque<Entry> = []
    package private(set) var bytes = 0

    package init(bounds: Bounds) {
        self.bounds = bounds
    }

    package var count: Int { entries.count }

    /// One more. Says which ones have to go.
    package mutating func add(_ id: RunID, bytes: Int, now: Int64) -> [RunID] {
        entries.append(Entry(id: id, bytes: bytes, at: now))
        self.bytes += bytes
        return purge(now: now)
    }

    /// Says which ones have become too old, or too many.
    package mutating func purge(now: Int64) -> [RunID] {
        var gone: [RunID] = []
        while let oldest = entries.first,
            entries.count > bounds.count || bytes > bounds.bytes || now - oldest.at > bounds.age
        {
            entries.removeFirst()
            bytes -= oldest.bytes
            gone.append(oldest.id)
        }
        return gone
    }
}
