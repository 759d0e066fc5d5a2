/// Spans that wait to be exported: a bounded number. A value.
struct SpanQueue: Sendable {
    private var spans: [FinishedSpan] = []
    private let capacity: Int
    /// Spans that found no place.
    private(set) var dropped = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { spans.count }

    /// A span that finds no place is dropped: what is older has waited longer.
    mutating func add(_ span: FinishedSpan) {
        guard spans.count < capacity else {
            dropped += 1
            return
        }
        spans.append(span)
    }

    /// The oldest, at most so many.
    mutating func take(_ most: Int) -> [FinishedSpan] {
        let taken = Array(spans.prefix(most))
        spans.removeFirst(taken.count)
        return taken
    }
}
