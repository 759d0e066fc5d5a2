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
        state.withLock { state in
            Load(
                running: state.admission.runningCount, waiting: state.admission.waitingCount,
                finished: state.finished.count, finishedBytes: state.finished.bytes)
        }
    }

    /// A run of this owner.
    ///
    /// - Throws: `RUN_NOT_FOUND`, the same for a run of somebody else.
    package func record(_ id: RunID, owner: RunOwner) throws(APIError) -> RunRecord {
        guard let record = state.withLock({ $0.records[id] }), record.identity.owner == owner else {
            throw APIError(.runNotFound, "there is no run \(id)")
        }
        return record
    }

    /// The runs of an owner, newest first.
    ///
    /// - Parameters:
    ///   - after: the last one of the page before.
    ///   - limit: how many at most.
    /// - Returns: a page, and whether there are more.
    package func list(
        owner: RunOwner, phase: RunState?, after: RunID?, limit: Int
    ) -> (records: [RunRecord], hasMore: Bool) {
        let known = state.withLock { state in state.order.reversed().compactMap { state.records[$0] } }
        var page: [RunRecord] = []
        var isSkipping = after != nil
        for record in known {
            if isSkipping {
                isSkipping = record.id != after
                continue
            }
            guard record.identity.owner == owner, phase == nil || record.phase == phase else { continue }
            if page.count == limit { return (page, true) }
            page.append(record)
        }
        return (page, false)
    }
}
