internal import Logging
internal import RunModel
internal import RunService
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// Counts sessions, and logs one record for each that begins or ends. A record never contains code, input, output or keys.
struct SessionJournal: SessionObserver {
    let metrics: SessionMetrics
    let traces: RunTraces
    let logger: Logger

    func created(_ session: Session) {
        metrics.created(session.identity.language)
        logger.info("session created", metadata: origin(session))
    }

    func refused(_ error: APIError) {
        metrics.refused(error.code.rawValue)
        logger.debug("session refused", metadata: ["code": "\(error.code.rawValue)"])
    }

    func finished(_ status: CellStatus, after seconds: Double, in session: Session) {
        metrics.cell(session.identity.language, status, seconds)
    }

    func traced(_ cell: TracedCell, in session: Session) { traces.finished(cell, in: session) }

    func ended(_ session: Session, _ end: SessionEnd) {
        metrics.ended(session, end)
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
