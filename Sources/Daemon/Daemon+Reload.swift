internal import AuditLog
internal import Logging
internal import RuleGenerations
internal import SandboxSupply

extension Daemon {
    /// Takes over changed files; tells the log and the audit log what came of it.
    func reloader(_ pools: PooledSandboxes, _ supervisor: WardenSupervisor) -> RuleReloader {
        let (logger, audit) = (logger, audit)
        let trial = PolicyTrial(source: supervisor)
        return RuleReloader(
            catalog: catalog, history: GenerationHistory(state: stateDirectory), start: files,
            actions: RuleReloader.Actions(
                trial: { await trial.errors(of: $0, in: $1) },
                warm: { await pools.warm($0) },
                configure: { pools.configure($0) },
                report: { attempt, status in
                    Self.tell(attempt, status, logger)
                    if let entry = Self.entry(attempt) { audit.log?.enqueue(entry) }
                }))
    }

    /// The record of an attempt in the audit log; nil when nothing was to be changed.
    static func entry(_ attempt: ReloadAttempt) -> AuditEntry? {
        let outcome: AuditEntry.Outcome
        switch attempt.outcome {
        case .unchanged: return nil
        case .switched: outcome = .done
        case .refused:
            let more = attempt.errors.count > 1 ? " and \(attempt.errors.count - 1) more" : ""
            outcome = .refused((attempt.errors.first ?? "wrong") + more)
        }
        var details = ["cause": attempt.reason, "generation": "\(attempt.generation)"]
        if !attempt.changed.isEmpty { details["policies"] = attempt.changed.joined(separator: ", ") }
        return AuditEntry(
            "policies.change", actor: attempt.by ?? "service", target: "policies and images", before: attempt.before,
            after: attempt.digest, outcome: outcome, details: details)
    }

    private static func tell(_ attempt: ReloadAttempt, _ status: ReloadStatus, _ logger: Logger) {
        var metadata: Logger.Metadata = [
            "cause": "\(attempt.reason)", "generation": .stringConvertible(attempt.generation),
            "digest": "\(attempt.digest)", "duration_ms": .stringConvertible(attempt.milliseconds),
        ]
        if let by = attempt.by { metadata["by"] = "\(by)" }
        switch attempt.outcome {
        case .unchanged:
            logger.notice("policies and images have been read again, and are as before", metadata: metadata)
        case .switched:
            metadata["policies"] = "\(attempt.changed.joined(separator: ", "))"
            logger.notice("policies and images have been read again", metadata: metadata)
        case .refused:
            for line in attempt.errors {
                logger.error("error in a configuration file", metadata: ["reason": "\(line)"])
            }
            logger.error("policies and images could not be read again, nothing has changed", metadata: metadata)
        }
        if let reason = status.historyError {
            logger.error("the history of policies could not be written", metadata: ["reason": "\(reason)"])
        }
    }
}
