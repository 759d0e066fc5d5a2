internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunExecution
internal import RunModel
internal import RunService
internal import ServerTransport
internal import StrictJSON

/// Submitting and querying runs.
struct RunRoutes: Sendable {
    let services: RunAPIServices

    private func submission(_ request: RouteRequest) async throws -> Submission {
        try request.allowQuery([])
        let limit = services.settings.maximumBody
        let bytes = try await request.jsonBody(limit: limit)
        return try await LongWork.run(bytes.count) { try Submission.read(bytes, limits: JSONLimits(bytes: limit)) }
    }

    private func submit(
        _ submission: Submission, _ request: RouteRequest, isConnected: Bool
    ) async throws(APIError) -> RunRecord {
        try await services.runs.submit(
            submission, owner: request.caller.owner, client: request.caller.client, origin: request.origin,
            concurrent: request.caller.concurrent, isConnected: isConnected)
    }

    func record(_ request: RouteRequest) throws(APIError) -> RunRecord {
        try services.runs.record(try request.runID(), owner: request.caller.owner)
    }

    /// Waits for the end and answers with the result.
    func execute(_ request: RouteRequest) async throws -> Reply {
        let submission = try await submission(request)
        let record = try await submit(submission, request, isConnected: true)
        let attachment = RunAttachment(record, services.runs)
        await request.presence.watching(onGone: { attachment.release() }) {
            let subscription = record.log.subscribe(from: .max, lossless: false)
            while await subscription.next() != .ended {}
        }
        var reply = try await LongWork.run(Int(record.outputBytes)) {
            guard let result = record.result else { throw APIError(.internalError, "the run has no result") }
            return try Reply.json(result)
        }
        reply.concern(record)
        return reply
    }

    func executeStream(_ request: RouteRequest) async throws -> Reply {
        let submission = try await submission(request)
        let record = try await submit(submission, request, isConnected: true)
        let subscription = record.log.subscribe(lossless: true)
        return EventStream(
            record: record, subscription: subscription, attachment: RunAttachment(record, services.runs),
            presence: request.presence, metrics: services.metrics
        ).reply
    }

    /// Answers immediately; the run continues on its own.
    func submit(_ request: RouteRequest) async throws -> Reply {
        let record = try await submit(try await submission(request), request, isConnected: false)
        var reply = try Reply.json(record.summary(), status: .accepted)
        reply.headers[.location] = "/api/v1/runs/\(record.id)"
        reply.concern(record)
        return reply
    }

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["state", "limit", "after"])
        var phase: RunState?
        if let text = request.query["state"] {
            guard let known = RunState(rawValue: text) else {
                throw APIError(
                    .invalidRequest, "query parameter state: found \"\(text.prefix(64))\"",
                    details: ["query.state": "queued, running or finished"])
            }
            phase = known
        }
        var after: RunID?
        if let text = request.query["after"] {
            guard let id = RunID(text) else {
                throw APIError(
                    .invalidRequest, "query parameter after: is no run id",
                    details: ["query.after": "32 lower-case hexadecimal digits"])
            }
            after = id
        }
        let limit = try request.number("limit", in: 1...100, default: 20)
        let page = services.runs.page(
            RunQuery(owner: request.caller.owner, state: phase, after: after, limit: Int(limit)))
        return try .json(
            RunPage(
                runs: page.runs.map { $0.summary(withResult: false) }, next: page.hasMore ? page.runs.last?.id : nil))
    }

    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        var reply = try Reply.json(record.summary())
        reply.concern(record)
        return reply
    }

    /// Which rules the run was held to.
    func policy(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        guard let explanation = RunExplanation(record) else {
            throw APIError(.runNotFound, "the rules of this run are not known")
        }
        var reply = try Reply.json(explanation)
        reply.concern(record)
        return reply
    }

    func cancel(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        services.runs.cancel(record)
        return try .json(record.summary())
    }

    func artifact(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        let name = request.parameter(1)
        guard let bytes = services.runs.artifact(name, of: record) else {
            throw APIError(.artifactNotFound, "this run has exported no such file")
        }
        // Always a download, also when a browser navigates to it; pages of this service may embed images, too.
        var reply = Reply.bytes(bytes, type: ContentType(of: bytes).rawValue, kind: .artifact)
        reply.headers[.contentDisposition] = ContentDisposition.attachment(filename: name)
        return reply
    }

    func stdin(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        let limit = services.settings.maximumBody
        let bytes = try await request.jsonBody(limit: limit)
        let input = try await LongWork.run(bytes.count) {
            try InputBody.parse(bytes, limits: JSONLimits(bytes: limit))
        }
        try record.type(input.bytes, end: input.end)
        return Reply(status: .noContent)
    }

    func signal(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let record = try record(request)
        let body = try SignalBody.parse(try await request.jsonBody(limit: 65_536), limits: JSONLimits(bytes: 65_536))
        guard record.state != .finished else { throw APIError(.runFinished, "the run has finished") }
        record.control.signal(body.number)
        return Reply(status: .noContent)
    }
}

/// One page of `GET /api/v1/runs`.
struct RunPage: Encodable {
    let runs: [RunSummary]
    let next: RunID?

    private enum Key: String, CodingKey {
        case runs, next
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(runs, forKey: .runs)
        try container.encode(next, forKey: .next)
    }
}
