internal import APIFormat
internal import AuditLog
internal import HTTPInterface
internal import RuleGenerations
internal import RunModel

/// Generations of policies and images: how reloading stands, and to have it done.
struct PolicyRoutes: Sendable {
    let services: AdminAPIServices

    private struct Shown: Encodable {
        let status: ReloadStatus
        /// The generations that are kept, the newest first.
        let kept: [Int64]
    }

    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(
            Shown(status: services.reloader.status, kept: services.reloader.keptGenerations.reversed()))
    }

    private struct History: Encodable {
        let generations: [GenerationEntry]
    }

    func history(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        return try .json(History(generations: await services.reloader.generations()))
    }

    private struct Difference: Encodable {
        let from: Int64
        let to: Int64
        let changes: [PolicyChange]
        /// Changes beyond `maximumChanges`.
        let omitted: Int
    }

    /// The most changes of one answer.
    private static let maximumChanges = 2000

    func diff(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["from", "to"])
        let from = try generation("from", request)
        let to = try generation("to", request)
        let changes: [PolicyChange]
        do throws(GenerationHistory.Failure) {
            changes = try await services.reloader.changes(from: from, to: to)
        } catch {
            throw APIError(.notFound, error.description)
        }
        let shown = Array(changes.prefix(Self.maximumChanges))
        return try .json(Difference(from: from, to: to, changes: shown, omitted: changes.count - shown.count))
    }

    private func generation(_ name: String, _ request: RouteRequest) throws -> Int64 {
        guard request.query[name] != nil else {
            throw InterfaceError.invalidParameter(name, found: "nothing", allowed: "the number of a generation")
        }
        return try request.number(name, in: 1...(.max - 1), default: 1)
    }

    /// What is to be done is recorded before; what came of it, by the reloader.
    ///
    /// - Throws: `AUDIT_UNAVAILABLE` when it cannot be recorded; then nothing is done.
    private func record(_ request: RouteRequest, _ actor: String) async throws {
        let entry = AuditEntry(
            "policies.reload", actor: actor, address: request.caller.address, requestID: request.id,
            target: "policies and images", before: services.reloader.status.digest, outcome: .attempted)
        do throws(AuditProblem) {
            try await services.audit?.append(entry)
        } catch {
            throw APIError(
                .auditUnavailable, "the action cannot be recorded, and was not carried out: \(error)", retryable: true)
        }
    }

    /// Waits for the attempt, which may take seconds.
    func reload(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        // Without a body: a foreign page could send this unseen.
        try request.refuseForeignPages()
        let actor = request.caller.keyID.map { "key:\($0)" } ?? "anyone"
        try await record(request, actor)
        return try .json(await services.reloader.reload("request", by: actor))
    }
}
