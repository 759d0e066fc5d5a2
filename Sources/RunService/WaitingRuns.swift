package import FairQueue
package import RunModel

/// Runs that have been submitted and not started: what admission decides about them, and which thread carries it out.
///
/// A value. A run is *checked out* while a thread emits events of it: its submitter until it is accepted, later whoever
/// reports its place. A decision that comes meanwhile is kept and returned to that thread when it checks the run in. So the
/// events of a waiting run have one emitter at a time, none comes before `accepted`, and no `queued` comes after the start.
package struct WaitingRuns<Entry: Sendable>: Sendable {
    /// Why a run ends without having started.
    package enum Cause: Sendable, Equatable {
        case cancelled
        /// It has waited longer than a run may.
        case expired
    }

    /// What the thread that gets it has to do. The run of a `start` or an `end` is that thread's from then on.
    package enum Action: Sendable {
        case start(Entry)
        /// The run is checked out: check it in after it has been reported.
        case report(Entry, QueuePlace)
        case end(Entry, Cause)
    }

    private enum Decision {
        case start
        case end(Cause)
    }

    private enum Holder {
        case none(Entry)
        case thread(decision: Decision?)
    }

    private var runs: [RunID: Holder] = [:]

    package init() {}

    package var count: Int { runs.count }

    package var ids: [RunID] { Array(runs.keys) }

    /// A new run, checked out by its submitter.
    package mutating func add(_ id: RunID) {
        runs[id] = .thread(decision: nil)
    }

    /// The submitter gives the run up: it could not be accepted.
    package mutating func withdraw(_ id: RunID) {
        runs[id] = nil
    }

    /// What admission says of a run, as what is to be done now.
    package mutating func apply(_ action: FairQueue<RunID>.Action) -> Action? {
        switch action {
        case .start(let id): return decide(.start, id)
        case .wait(let id, let place):
            // A run that is checked out is being reported, or will be soon.
            guard case .none(let entry)? = runs[id] else { return nil }
            runs[id] = .thread(decision: nil)
            return .report(entry, place)
        }
    }

    /// Ends a run that waits.
    ///
    /// - Returns: what is to be done; nil when its holder will do it. False `isWaiting` means that it has started.
    package mutating func end(_ id: RunID, _ cause: Cause) -> (isWaiting: Bool, action: Action?) {
        guard runs[id] != nil else { return (false, nil) }
        return (true, decide(.end(cause), id))
    }

    /// A thread has emitted what it had to.
    ///
    /// - Returns: what was decided meanwhile.
    package mutating func checkIn(_ id: RunID, _ entry: Entry) -> Action? {
        guard case .thread(let decision)? = runs[id] else { return nil }
        runs[id] = Holder.none(entry)
        return decision.flatMap { decide($0, id) }
    }

    private mutating func decide(_ decision: Decision, _ id: RunID) -> Action? {
        switch runs[id] {
        case nil: return nil
        case .thread(let earlier)?:
            // An end counts more than a start, and the first end counts.
            if case .end? = earlier { return nil }
            runs[id] = .thread(decision: decision)
            return nil
        case .none(let entry)?:
            runs[id] = nil
            switch decision {
            case .start: return .start(entry)
            case .end(let cause): return .end(entry, cause)
            }
        }
    }
}
