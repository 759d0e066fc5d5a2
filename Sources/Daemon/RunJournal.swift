internal import Gateway
internal import Logging
internal import Orchestrator
internal import RunModel
internal import SandboxSpec

/// Counts runs and writes one line for each that ends. No code, input, output or key is ever in it.
struct RunJournal: RunObserver {
    let metrics: GatewayMetrics
    let logger: Logger

    func accepted(_ run: RunRecord) {
        logger.debug("run accepted", metadata: ["run_id": "\(run.id)", "language": "\(run.identity.language)"])
    }

    func finished(_ run: RunRecord) {
        metrics.finished(run)
        logger.info(
            "run finished",
            metadata: [
                "run_id": "\(run.id)", "key_id": "\(run.identity.owner)", "language": "\(run.identity.language)",
                "policy": "\(run.identity.policy)", "verdict": "\(run.ending?.verdict.rawValue ?? "")",
                "duration_ms": "\(Double((run.timings.finished ?? 0) / 1000) / 1000)", "bytes": "\(run.outputBytes)",
            ])
    }

    func refused(_ error: APIError) {
        logger.debug("run refused", metadata: ["code": "\(error.code.rawValue)"])
    }
}
