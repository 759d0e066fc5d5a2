internal import Logging
internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// Metrics of sessions. Names and labels are part of the interface: docs/metrics.md.
struct SessionMetrics: Sendable {
    private let registry: MetricsRegistry
    private let started: Counter
    private let ended: Counter
    private let cells: Counter

    init(registry: MetricsRegistry) throws {
        self.registry = registry
        started = try registry.counter(
            "nestbox_sessions_started_total", help: "Sessions that were created.", labels: ["language"])
        ended = try registry.counter(
            "nestbox_sessions_ended_total", help: "Sessions that have ended.", labels: ["language", "verdict"])
        cells = try registry.counter(
            "nestbox_cells_total", help: "Cells of sessions that have ended.", labels: ["language", "status"])
    }

    /// Adds the metrics that are looked up on request.
    func watch(_ sessions: SessionService) throws {
        try registry.gauge("nestbox_sessions", help: "Sessions, by state.", labels: ["state"]) {
            let states = sessions.vitals.states
            return SessionState.allCases.map { ([$0.rawValue], Double(states[$0] ?? 0)) }
        }
    }

    func created(_ language: String) { started.add(1, [language]) }
    func ended(_ language: String, _ verdict: String) { ended.add(1, [language, verdict]) }
    func cell(_ language: String, _ status: CellStatus) { cells.add(1, [language, status.rawValue]) }
}

/// Counts sessions, and logs one record for each that begins or ends. A record never contains code, input, output or keys.
struct SessionJournal: SessionObserver {
    let metrics: SessionMetrics
    let logger: Logger

    func created(_ session: Session) {
        metrics.created(session.identity.language)
        logger.info("session created", metadata: origin(session))
    }

    func refused(_ error: APIError) {
        logger.debug("session refused", metadata: ["code": "\(error.code.rawValue)"])
    }

    func finished(_ status: CellStatus, in session: Session) {
        metrics.cell(session.identity.language, status)
    }

    func ended(_ session: Session, _ end: SessionEnd) {
        metrics.ended(session.identity.language, end.verdict)
        let metadata = origin(session).merging([
            "verdict": "\(end.verdict)", "reason": "\(end.reason)",
            "cells": .stringConvertible(session.summary.snapshot.executed),
        ]) { first, _ in first }
        // A log that is not read must not hold up the thread of all sessions.
        Task { logger.log(level: end.isRetryable ? .warning : .info, "session ended", metadata: metadata) }
    }

    private func origin(_ session: Session) -> Logger.Metadata {
        let identity = session.identity
        var metadata: Logger.Metadata = [
            "session_id": "\(session.id)", "key_id": "\(identity.owner)", "language": "\(identity.language)",
            "policy": "\(identity.policy)",
        ]
        if let address = identity.origin.address { metadata["address"] = "\(address)" }
        if let id = identity.origin.requestID { metadata["request_id"] = "\(id)" }
        return metadata
    }
}
