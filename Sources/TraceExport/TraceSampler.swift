package import TraceContexts

/// Which traces are wanted: those that the caller wants, and a part of those that begin here.
package struct TraceSampler: Sendable {
    private let threshold: UInt64
    private let takesAll: Bool

    /// - Parameter ratio: 0 to 1, of traces that begin here.
    package init(ratio: Double) {
        takesAll = ratio >= 1
        threshold = takesAll ? .max : UInt64(max(ratio, 0) * 0x1p63)
    }

    /// Says the same wherever it is asked about the same trace.
    ///
    /// - Parameter parent: nil when the trace begins here.
    package func wants(_ id: TraceID, parent: TraceContext?) -> Bool {
        if let parent { return parent.isSampled }
        return takesAll || id.low >> 1 < threshold
    }
}
