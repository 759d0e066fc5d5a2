internal import SandboxSpec
internal import Synchronization
internal import WardenProtocol

/// The unread events of one sandbox, between the thread that reads the socket and the task that consumes them.
///
/// Nothing is lost but usage samples, of which only the newest is kept. The number of the others is bounded: the
/// protocol allows a run a few thousand events at most, and a queue beyond that ends its sandbox.
final class SandboxEventQueue: Sendable {
    private struct State {
        var events: [SandboxEvent] = []
        var waiter: CheckedContinuation<SandboxEvent?, Never>?
        var lastUsage = Usage()
        var overflown = false
        var isFinished = false
    }

    /// Twice the artifacts one run can have, and room for all else.
    static let maximumUnread = 4096

    private let state = Mutex(State())
    private let limit: Int
    let outcome = Latch<SandboxOutcome>()

    init(limit: Int = SandboxEventQueue.maximumUnread) {
        self.limit = limit
    }

    /// Adds an event that is not the last.
    /// - Returns: false when the queue is full; the event is dropped, and the outcome will say so.
    func append(_ event: SandboxEvent) -> Bool {
        let (waiter, fits) = state.withLock { state -> (CheckedContinuation<SandboxEvent?, Never>?, Bool) in
            guard !state.isFinished else { return (nil, true) }
            if case .usage(let usage) = event {
                state.lastUsage = usage
                state.events.removeAll { if case .usage = $0 { true } else { false } }
            }
            if let waiter = state.waiter.take() { return (waiter, true) }
            guard state.events.count < limit else {
                state.overflown = true
                return (nil, false)
            }
            state.events.append(event)
            return (nil, true)
        }
        waiter?.resume(returning: event)
        return fits
    }

    /// Adds the last event. Only the first call has an effect.
    func finish(_ outcome: SandboxOutcome) {
        var final: SandboxOutcome?
        let waiter = state.withLock { state -> CheckedContinuation<SandboxEvent?, Never>? in
            guard !state.isFinished else { return nil }
            state.isFinished = true
            var outcome = outcome
            if state.overflown {
                outcome.verdict = .internalError
                outcome.failure = StageFailure(
                    stage: "events", errno: 0, object: "\(limit) events of the sandbox were not read")
            }
            final = outcome
            if let waiter = state.waiter.take() { return waiter }
            state.events.append(.finished(outcome))
            return nil
        }
        guard let final else { return }
        waiter?.resume(returning: .finished(final))
        self.outcome.set(final)
    }

    /// Ends the stream for a sandbox whose warden will say nothing more about it.
    func fail(_ failure: StageFailure) {
        let usage = state.withLock { $0.lastUsage }
        finish(SandboxOutcome(verdict: .internalError, usage: usage, failure: failure))
    }

    /// The next event; nil after the last one, and when the consuming task is cancelled.
    func next() async -> SandboxEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let event = state.withLock { state -> SandboxEvent?? in
                    if !state.events.isEmpty { return .some(state.events.removeFirst()) }
                    // The handler below has either run already, and is seen here, or will find the waiter.
                    if state.isFinished || Task.isCancelled || state.waiter != nil { return .some(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let event { continuation.resume(returning: event) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiter.take() }
            waiter?.resume(returning: nil)
        }
    }
}
