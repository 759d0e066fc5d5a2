package import RunModel

/// Numbers and stamps the events of one run and hands them to its sink.
///
/// Has one owner at a time: whoever accepted the run, then the run's thread.
package struct RunLog: Sendable {
    private let runID: RunID
    private let sink: any EventSink
    private let now: @Sendable () -> Int64
    private let onSinkGone: @Sendable () -> Void
    private let acceptedAt: Int64
    private var sequence: Int64 = 0
    private var listening = true
    private var ended = false

    /// - Parameters:
    ///   - now: nanoseconds of a monotonic clock; this moment is when the run was accepted.
    ///   - onSinkGone: called once, by who emits, when the sink no longer listens.
    package init(
        runID: RunID, sink: any EventSink, now: @escaping @Sendable () -> Int64,
        onSinkGone: @escaping @Sendable () -> Void
    ) {
        self.runID = runID
        self.sink = sink
        self.now = now
        self.onSinkGone = onSinkGone
        acceptedAt = now()
    }

    /// Nothing comes after the terminal event, whatever a late sender thinks.
    package mutating func emit(_ kind: RunEvent.Kind) {
        guard !ended else { return }
        ended = kind.isTerminal
        let event = RunEvent(runID: runID, sequence: sequence, at: max(now() - acceptedAt, 0), kind: kind)
        sequence += 1
        guard listening else { return }
        listening = sink.receive(event)
        if !listening { onSinkGone() }
    }
}
