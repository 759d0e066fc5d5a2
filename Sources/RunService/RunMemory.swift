package import RunModel
internal import Synchronization

/// Keeps runs in memory, finished ones within bounds. What it keeps is gone with the process.
package final class RunMemory: RunRepository {
    private struct State {
        var runs: [RunID: RunRecord] = [:]
        var finished: FinishedRuns
        /// Oldest first; ids that are no longer known are skipped, and cleared out now and then.
        var order: [RunID] = []

        mutating func forget(_ ids: [RunID]) -> [RunID] {
            for id in ids { runs[id] = nil }
            return ids
        }
    }

    private let state: Mutex<State>

    package init(bounds: FinishedRuns.Bounds) {
        state = Mutex(State(finished: FinishedRuns(bounds: bounds)))
    }

    package func put(_ run: RunRecord) async {
        state.withLock { state in
            state.runs[run.id] = run
            state.order.append(run.id)
            guard state.order.count > 2 * state.runs.count + 64 else { return }
            let runs = state.runs
            state.order.removeAll { runs[$0] == nil }
        }
    }

    package func append(_ event: RunEvent, to run: RunRecord) {
        run.log.append(event)
    }

    package func finish(_ run: RunRecord, bytes: Int, now: Int64) -> [RunID] {
        state.withLock { $0.forget($0.finished.add(run.id, bytes: bytes, now: now)) }
    }

    package func purge(now: Int64) -> [RunID] {
        state.withLock { $0.forget($0.finished.purge(now: now)) }
    }

    package func lookup(_ id: RunID) -> RunRecord? { state.withLock { $0.runs[id] } }

    package func page(_ query: RunQuery) -> RunQuery.Page {
        state.withLock { state in
            var page = RunQuery.Page()
            var isSkipping = query.after != nil
            for id in state.order.reversed() {
                guard let run = state.runs[id] else { continue }
                if isSkipping {
                    isSkipping = id != query.after
                    continue
                }
                guard run.identity.owner == query.owner, query.state == nil || run.state == query.state else {
                    continue
                }
                if page.runs.count == query.limit {
                    page.hasMore = true
                    break
                }
                page.runs.append(run)
            }
            return page
        }
    }

    package var finished: (count: Int, bytes: Int) { state.withLock { ($0.finished.count, $0.finished.bytes) } }
}
