internal import FairQueue
package import RunExecution
package import RunModel
internal import Synchronization

/// What administrators see and do, whoever owns the runs.
extension RunService {
    /// A client that has places or waits for some.
    package struct ClientLoad: Sendable, Equatable {
        package let tenant: String
        package let client: String
        package let running: Int
        package let waiting: Int
    }

    /// A run that waits or runs, as it stands.
    package struct LiveRun: Sendable {
        package let record: RunRecord
        package let stage: RunDeadlines.Stage
        /// Nanoseconds in this stage, and since acceptance.
        package let stageTime: Int64
        package let age: Int64
    }

    /// Runs that wait or run, the oldest first.
    package var liveRuns: [LiveRun] {
        let now = now()
        return unfinished.map { record in
            let standing = record.control.standing
            return LiveRun(
                record: record, stage: standing.stage, stageTime: max(now - standing.since, 0),
                age: max(now - record.acceptedAt, 0))
        }.sorted { ($1.age, $0.record.id.description) < ($0.age, $1.record.id.description) }
    }

    /// Clients with runs, those with most places first.
    package var clientLoads: [ClientLoad] {
        let loads = state.withLock { $0.admission.loads }
        return loads.map {
            ClientLoad(tenant: $0.tenant, client: $0.client, running: $0.running, waiting: $0.waiting)
        }.sorted { ($1.running, $1.waiting, $0.client) < ($0.running, $0.waiting, $1.client) }
    }

    /// A live run of any owner; nil when there is none of this id.
    package func liveRun(_ id: RunID) -> RunRecord? { unfinished.first { $0.id == id } }

    /// Accepts no more runs until it is called with false. Those that wait or run are not affected.
    package func drain(_ isDraining: Bool) {
        state.withLock { $0.isDraining = isDraining }
    }

    package var isDraining: Bool { state.withLock { $0.isDraining } }
}
