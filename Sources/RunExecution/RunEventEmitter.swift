package import RunModel

/// Numbers and stamps the events of one run and hands them to its sink: `accepted` first, nothing after the terminal one.
///
/// Has one owner at a time: whoever accepts the run, then the run's thread.
package struct RunEventEmitter: Sendable {
    private let runID: RunID
    private let sink: any EventSink
    private let now: @Sendable () -> Int64
    private let onSinkGone: @Sendable () -> Void
    private let acceptedAt: Int64
    private let rules: RulesReference?
    private let traceID: String?
    private var sequence: Int64 = 0
    private var isAccepted = false
    private var listening = true
    private var ended = false

    /// - Parameters:
    ///   - now: nanoseconds of a monotonic clock; this moment is when the run was accepted.
    ///   - rules: which rules the run is held to; said with its end.
    ///   - traceID: of the trace that it belongs to; said with its end.
    ///   - onSinkGone: called once, by who emits, when the sink no longer listens.
    package init(
        runID: RunID, sink: any EventSink, rules: RulesReference? = nil, traceID: String? = nil,
        now: @escaping @Sendable () -> Int64,
        onSinkGone: @escaping @Sendable () -> Void
    ) {
        self.runID = runID
        self.sink = sink
        self.now = now
        self.onSinkGone = onSinkGone
        self.rules = rules
        self.traceID = traceID
        acceptedAt = now()
    }

    /// Emits an event, unless it comes after the terminal one, or is a second `accepted`. Any other event implies that the run is
    /// accepted: where that has not been said, it is said first.
    package mutating func emit(_ kind: RunEvent.Kind) {
        guard !ended else { return }
        let accepts = if case .accepted = kind { true } else { false }
        if isAccepted {
            guard !accepts else { return }
        } else if accepts {
            isAccepted = true
        } else {
            emit(.accepted(position: 0))
        }
        ended = kind.isTerminal
        var kind = kind
        if case .finished(var outcome) = kind {
            if let rules { outcome.rules = rules }
            if let traceID { outcome.traceID = traceID }
            kind = .finished(outcome)
        }
        let event = RunEvent(runID: runID, sequence: sequence, at: max(now() - acceptedAt, 0), kind: kind)
        sequence += 1
        guard listening else { return }
        listening = sink.receive(event)
        if !listening { onSinkGone() }
    }

    /// As `EventSink.hasRoom`. Where nobody listens, output need not wait.
    func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool {
        ended || !listening || sink.hasRoom(onRoom: onRoom)
    }
}
