internal import FairQueue
package import RunModel
internal import Synchronization

extension RunService {
    /// Numbers for status pages and metrics.
    package struct Load: Sendable, Equatable {
        package let running: Int
        package let waiting: Int
        package let finished: Int
        package let finishedBytes: Int
    }

    package var load: Load {
        let (running, waiting) = state.withLock { ($0.admission.runningCount, $0.admission.waitingCount) }
        let finished = repository.finished
        return Load(running: running, waiting: waiting, finished: finished.count, finishedBytes: finished.bytes)
    }

    /// A run of this owner.
    ///
    /// - Throws: `RUN_NOT_FOUND`, the same for a run of somebody else.
    package func record(_ id: RunID, owner: RunOwner) throws(APIError) -> RunRecord {
        guard let record = repository.lookup(id), record.identity.owner == owner else {
            throw APIError(.runNotFound, "there is no run \(id)")
        }
        return record
    }

    /// The runs of an owner, newest first.
    package func page(_ query: RunQuery) -> RunQuery.Page { repository.page(query) }

    /// A file that a run has exported; nil when there is none of that path.
    package func artifact(_ path: String, of record: RunRecord) -> [UInt8]? {
        artifacts.content(of: path, run: record.id)
    }
}
