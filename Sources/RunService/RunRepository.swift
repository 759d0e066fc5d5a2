package import RunModel

/// Keeps the runs of a service: those that wait or run, and the finished ones as long as its bounds allow.
///
/// The seam for a store that outlives the process. Safe from any thread; everything but `put` returns immediately.
package protocol RunRepository: Sendable {
    /// Takes in a run that has a place or waits for one. The client is told that its run is accepted, and the run starts, after
    /// this has returned: a store that must not lose an accepted run waits here until it is written. After `RunService.Settings.keepTime`
    /// the client is told to come again, and the task is cancelled; a run that is kept after that is finished at once.
    ///
    /// - Throws: why the run cannot be kept; it is refused then.
    func put(_ run: RunRecord) async throws(APIError)

    /// Keeps an event. Called in the order of the run's events, by the thread that emits them. That is the one of all runs:
    /// must not block. A store that writes has a queue, whose bound `hasRoom` reports.
    func append(_ event: RunEvent, to run: RunRecord)

    /// Whether more output of a run can be taken now. Until it can, nothing is read from the program.
    ///
    /// - Parameter onRoom: called after a no, on any thread, as soon as it is worth asking again; only that of the last no.
    func hasRoom(for run: RunRecord, onRoom: @escaping @Sendable () -> Void) -> Bool

    /// A run has had its last event. Those of a run that was ended by force did not come by `append`: they are in its log.
    ///
    /// - Parameters:
    ///   - bytes: what it takes in memory with its artifacts.
    ///   - now: nanoseconds of a monotonic clock.
    /// - Returns: runs that are not kept any more.
    func finish(_ run: RunRecord, bytes: Int, now: Int64) -> [RunID]

    /// Lets go of finished runs that have become too old.
    ///
    /// - Returns: runs that are not kept any more.
    func purge(now: Int64) -> [RunID]

    /// A run by its id; nil when it is not known, or not any more.
    func lookup(_ id: RunID) -> RunRecord?

    /// The runs of an owner, newest first.
    func page(_ query: RunQuery) -> RunQuery.Page

    /// How many finished runs are kept, and their bytes.
    var finished: (count: Int, bytes: Int) { get }
}

extension RunRepository {
    /// As the run's log has.
    package func hasRoom(for run: RunRecord, onRoom: @escaping @Sendable () -> Void) -> Bool {
        run.log.hasRoom(onRoom: onRoom)
    }
}

/// Which runs are asked for.
package struct RunQuery: Sendable, Equatable {
    package var owner: RunOwner
    /// Those in this state; all when nil.
    package var state: RunState?
    /// The last run of the page before; a run that is not kept any more has no page after it.
    package var after: RunID?
    /// How many at most.
    package var limit: Int

    package init(owner: RunOwner, state: RunState? = nil, after: RunID? = nil, limit: Int) {
        self.owner = owner
        self.state = state
        self.after = after
        self.limit = limit
    }

    /// A part of a list.
    package struct Page: Sendable {
        package var runs: [RunRecord] = []
        package var hasMore = false

        package init() {}
    }
}
