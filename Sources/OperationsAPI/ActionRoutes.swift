internal import APIFormat
internal import AuditLog
internal import HTTPInterface
internal import HTTPTypes
internal import Logging
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON

/// What administrators do: each action is recorded before it is carried out, and again when it has been.
struct ActionRoutes: Sendable {
    let services: OperationsServices

    func endRun(_ request: RouteRequest) async throws -> Reply {
        try check(request)
        let run = RunID(request.parameter()).flatMap { services.runs.liveRun($0) }
        guard let run else { throw APIError(.runNotFound, "no such run waits or runs") }
        let details = ["language": run.identity.language, "owner": run.identity.owner.description]
        try await recorded(request, "run.kill", target: run.id.description, details) { services.runs.cancel(run) }
        return try .json(["run_id": run.id.description], status: .accepted)
    }

    func endSession(_ request: RouteRequest) async throws -> Reply {
        try check(request)
        let id = request.parameter()
        guard let session = services.sessions.livingSessions.first(where: { $0.id.description == id }) else {
            throw APIError(.sessionNotFound, "no such session lives")
        }
        let details = ["language": session.identity.language, "owner": session.identity.owner.description]
        try await recorded(request, "session.end", target: id, details) {
            session.close(reason: "an administrator ended it")
        }
        return try .json(["session_id": id], status: .accepted)
    }

    /// Stops, or goes on, accepting runs and sessions.
    func drain(_ request: RouteRequest) async throws -> Reply {
        try check(request)
        let body = try await request.jsonBody(limit: 1024)
        guard case .object(let object)? = try? JSONValue.parse(body, limits: JSONLimits(bytes: 1024)),
            object.members.count == 1, case .bool(let isDraining)? = object["draining"]
        else {
            throw APIError(
                .invalidRequest, "the body is an object with draining alone", details: ["draining": "true or false"])
        }
        let before = services.runs.isDraining
        try await recorded(
            request, "service.drain", before: "\(before)", after: "\(isDraining)", target: "service", [:]
        ) {
            services.runs.drain(isDraining)
            services.sessions.drain(isDraining)
        }
        return try .json(["draining": isDraining])
    }

    /// A foreign page could send these requests unseen.
    private func check(_ request: RouteRequest) throws {
        try request.allowQuery([])
        try request.refuseForeignPages()
    }

    /// - Throws: `AUDIT_UNAVAILABLE` when the action cannot be recorded; then it is not carried out.
    private func recorded(
        _ request: RouteRequest, _ action: String, before: String? = nil, after: String? = nil, target: String,
        _ details: [String: String], _ body: () -> Void
    ) async throws {
        var entry = AuditEntry(
            action, actor: request.caller.keyID.map { "key:\($0)" } ?? "anyone", address: request.caller.address,
            requestID: request.id, target: target, before: before, after: after, outcome: .attempted, details: details)
        do throws(AuditProblem) {
            try await services.audit?.append(entry)
        } catch {
            throw APIError(
                .auditUnavailable, "the action cannot be recorded, and was not carried out: \(error)", retryable: true)
        }
        body()
        services.logger.notice(
            "action of an administrator",
            metadata: [
                "action": "\(action)", "target": "\(target)", "key_id": "\(request.caller.keyID ?? "anyone")",
                "request_id": "\(request.id)",
            ])
        entry.outcome = .done
        // It has been carried out, and its attempt is recorded; health tells that this line is missing.
        do throws(AuditProblem) { try await services.audit?.append(entry) } catch {}
    }
}
