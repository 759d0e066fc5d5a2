internal import RunModel

/// Numbers and stamps the events of one run and hands them to its sink. Lives on the run's thread.
struct RunLog {
    private let runID: RunID
    private let sink: any EventSink
    private let now: @Sendable () -> Int64
    private let onSinkGone: @Sendable () -> Void
    private let acceptedAt: Int64
    private var sequence: Int64 = 0
    private var listening = true
    private var ended = false

    init(
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
    mutating func emit(_ kind: RunEvent.Kind) {
        guard !ended else { return }
        ended = kind.isTerminal
        let event = RunEvent(runID: runID, sequence: sequence, at: max(now() - acceptedAt, 0), kind: kind)
        sequence += 1
        guard listening else { return }
        listening = sink.receive(event)
        if !listening { onSinkGone() }
    }
}
