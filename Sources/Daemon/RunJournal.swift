internal import Logging
internal import OperationsAPI
internal import RunAPI
internal import RunExecution
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import TraceContexts

/// Counts runs and logs one record for each that ends, and for each that the service had to end. A record never contains code, input, output or keys.
struct RunJournal: RunObserver {
    let metrics: RunMetrics
    let recent: RecentOutcomes
    let traces: RunTraces
    let logger: Logger

    func accepted(_ run: RunRecord) {
        logger.debug(
            "run accepted",
            metadata: origin(run).merging(["language": "\(run.identity.language)"]) { first, _ in first })
    }

    func finished(_ run: RunRecord) {
        metrics.finished(run)
        traces.finished(run)
        recent.add(
            AdminOverview.Outcome(
                id: run.id.description, endedAt: Timestamp.text(milliseconds: Timestamp.now()),
                owner: run.identity.owner.description, language: run.identity.language, policy: run.identity.policy,
                verdict: run.outcome?.verdict.rawValue ?? "internal_error",
                wallSeconds: Double((run.timings.finished ?? 0) / 1_000_000) / 1000, error: run.error?.code.rawValue))
        logger.info(
            "run finished",
            metadata: origin(run).merging([
                "language": "\(run.identity.language)", "policy": "\(run.identity.policy)",
                "verdict": "\(run.outcome?.verdict.rawValue ?? "")",
                "duration_ms": .stringConvertible(Double((run.timings.finished ?? 0) / 1000) / 1000),
                "bytes": .stringConvertible(run.outputBytes),
            ]) { first, _ in first })
    }

    func refused(_ error: APIError) {
        metrics.refused(error.code.rawValue)
        logger.debug("run refused", metadata: ["code": "\(error.code.rawValue)"])
    }

    func overdue(_ run: RunRecord, stage: RunDeadlines.Stage) {
        metrics.overdue(stage)
        logger.error(
            "a run was in one state for too long and is being ended",
            metadata: origin(run).merging(["state": "\(stage.rawValue)"]) { first, _ in first })
    }

    func health(_ lastError: String?) {
        if let lastError {
            logger.error("runs do not work", metadata: ["reason": "\(lastError)"])
        } else {
            logger.notice("runs work again")
        }
    }

    /// The owner of a run and its origin; the request's id joins this record with that of the request.
    private func origin(_ run: RunRecord) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["run_id": "\(run.id)", "key_id": "\(run.identity.owner)"]
        if let address = run.identity.origin.address { metadata["address"] = "\(address)" }
        if let id = run.identity.origin.requestID { metadata["request_id"] = "\(id)" }
        if let trace = run.identity.origin.trace { metadata["trace_id"] = "\(trace.traceID)" }
        return metadata
    }
}
