internal import Glibc
internal import LinuxSystem
package import SandboxSpec
internal import SandboxSupply
internal import Synchronization
internal import WardenClient
internal import WardenProtocol

/// What others may do to a run while it lasts: end it, signal it, tell it the size of its terminal; and the deadlines of the
/// state it is in.
///
/// Safe from any thread, at any time, any number of times; nothing waits.
package final class RunControl: Sendable {
    private struct State {
        var isCancelled = false
        var isSignalled = false
        var size: TerminalSize?
        /// Of the step's sandbox, whose place in a pool it holds.
        var lease: SandboxLease?
        /// Gives up waiting for a sandbox that is being made.
        var stopLease: (@Sendable () -> Void)?
        var deadlines: RunDeadlines
        var times: RunStageTimes
        /// What was given up, if something was.
        var lost: RunDeadlines.Stage?
        /// It ran beyond its wall clock, and its warden said nothing.
        var isOverrun = false

        mutating func enter(_ stage: RunDeadlines.Stage, now: Int64, wall: Int64 = 0) {
            deadlines.enter(stage, now: now, wall: wall)
            times.enter(deadlines.stage, now: now)
        }
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64

    /// - Parameter now: nanoseconds of a monotonic clock.
    package init(
        bounds: RunDeadlines.Bounds = RunDeadlines.Bounds(), now: @escaping @Sendable () -> Int64 = { monotonicNow() }
    ) {
        self.now = now
        let start = now()
        state = Mutex(
            State(deadlines: RunDeadlines(bounds: bounds, now: start), times: RunStageTimes(now: start)))
    }

    /// Ends the run, whatever it does, with the verdict `cancelled`. Without effect once it has finished.
    package func cancel() {
        let (sandbox, stopLease) = state.withLock { state in
            state.isCancelled = true
            if state.lease != nil { state.enter(.finishing, now: now()) }
            return (state.lease?.sandbox, state.stopLease)
        }
        stopLease?()
        sandbox?.kill(.cancelled)
    }

    package func signal(_ number: UInt8) {
        let sandbox = state.withLock { state in
            state.isSignalled = true
            return state.lease?.sandbox
        }
        // A number that no kernel knows is refused before it is sent; of other errors the events say how the sandbox ended.
        do { try sandbox?.signal(number) } catch {}
    }

    package func resize(_ size: TerminalSize) {
        let sandbox = state.withLock { state in
            state.size = size
            return state.lease?.sandbox
        }
        sandbox?.resize(size)
    }

    var isCancelled: Bool {
        state.withLock { $0.isCancelled }
    }

    /// A client or a deadline has ended the run, or a client has signalled it: what its programs leave may be due to that.
    var wasDisturbed: Bool {
        state.withLock { $0.isCancelled || $0.isSignalled || $0.isOverrun || $0.lost != nil }
    }

    /// The step's sandbox, from here on until the next one.
    func attach(_ lease: SandboxLease?) {
        let sandbox = lease?.sandbox
        // What was attached before is released after the lock: its pool builds the next one.
        let (isOver, size, _) = state.withLock { state in
            let before = state.lease
            state.lease = lease
            state.stopLease = nil
            // It may have come just when it was given up.
            let isOver = state.isCancelled || state.lost != nil
            if lease != nil { state.times.leased(now: now()) }
            if isOver, sandbox != nil { state.enter(.finishing, now: now()) }
            return (isOver, state.size, before)
        }
        if let size { sandbox?.resize(size) }
        if isOver { sandbox?.kill(.cancelled) }
    }

    // MARK: - Deadlines

    /// A sandbox is being made; `stop` gives up waiting for it.
    func lease(_ stop: @escaping @Sendable () -> Void) {
        let stopsNow = state.withLock { state in
            state.stopLease = stop
            return state.isCancelled || state.lost != nil
        }
        if stopsNow { stop() }
    }

    /// The run is in another state from now on, with the deadlines of that.
    ///
    /// - Parameter wall: the limit of the wall clock, of a program that runs.
    package func enter(_ stage: RunDeadlines.Stage, wall: Int64 = 0) {
        state.withLock { $0.enter(stage, now: now(), wall: wall) }
    }

    /// How long the run has been in each of its stages so far.
    package var stageTimes: RunStageTimes {
        let now = now()
        return state.withLock { $0.times.until(now) }
    }

    /// Where the run is, and since when.
    package var standing: (stage: RunDeadlines.Stage, since: Int64) {
        state.withLock { ($0.deadlines.stage, $0.deadlines.since) }
    }

    /// What had to be given up because it never answered; nil as long as all goes well.
    package var lost: RunDeadlines.Stage? { state.withLock { $0.lost } }

    /// The program ran beyond its wall clock without its warden having ended it.
    var isOverrun: Bool { state.withLock { $0.isOverrun } }

    /// Acts on a state that has lasted too long; to be called often.
    ///
    /// - Returns: what was done; hurrying readers and the end by force are the caller's part.
    package func check(now: Int64) -> RunDeadlines.Action? {
        let (action, sandbox, stopLease) = state.withLock { state in
            let action = state.deadlines.check(now: now)
            switch action {
            case .kill: state.isOverrun = true
            case .giveUp(let stage), .abandon(let stage): state.lost = state.lost ?? stage
            case .hurry, nil: break
            }
            return (action, state.lease?.sandbox, state.stopLease)
        }
        switch action {
        case .kill: sandbox?.kill(.cancelled)
        case .giveUp(let stage):
            stopLease?()
            sandbox?.giveUp(Self.failure(stage))
        case .abandon, .hurry, nil: break
        }
        return action
    }

    /// As the error of the run names it.
    package static func failure(_ stage: RunDeadlines.Stage) -> StageFailure {
        StageFailure(stage: stage == .starting ? "start" : "kill", errno: ETIMEDOUT)
    }
}
