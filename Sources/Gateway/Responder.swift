internal import HTTPTypes
package import Hummingbird
package import HummingbirdCore
internal import LinuxSystem
internal import Logging
internal import NIOCore
internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import WebSockets

/// Answers every request: doors first, then the route, then the headers that all answers carry.
package struct GatewayResponder: HTTPResponder {
    package typealias Context = GatewayContext

    private let services: GatewayServices
    private let routes: RouteTable
    private let pageFields: [HTTPField]

    package init(services: GatewayServices) {
        self.services = services
        routes = RouteTable.all(services)
        pageFields = Self.fields(SecurityHeaders.page(embedders: services.settings.embedOrigins))
    }

    package func respond(to request: Request, context: GatewayContext) async throws -> Response {
        let start = monotonicNow()
        let id = RequestID.of(request.headers)
        let method = request.method
        let path = request.uri.path
        let match = routes.match(method, path: path)
        var pattern = "other"
        if case .found(let route, _) = match { pattern = route.pattern }
        let address = services.doors.address(
            peer: context.channel.remoteAddress?.ipAddress, headers: request.headers)
        var reply: Reply
        do {
            reply = try await pass(request, context, match, address, id)
        } catch {
            reply = Self.reply(to: error, logger: services.logger)
        }
        if method == .head { reply.body = Self.bodiless(reply) }
        finish(&reply, request)
        let status = reply.status.code
        services.metrics.answered(pattern: pattern, method: method.rawValue, status: status, error: reply.errorCode)
        services.metrics.requestSeconds.observe(seconds(monotonicNow() - start), [pattern])
        reply.headers[.requestID] = id
        record(reply, method: method, pattern: pattern, match: match, id: id, address: address, start: start)
        return Response(status: reply.status, headers: reply.headers, body: reply.body)
    }

    /// What looks whether the service is well, every few seconds, and says nothing about anybody.
    private static let probes: Set<String> = [
        "/healthz", "/readyz", "/metrics", "/api/v1/health", "/api/v1/status", "/api/v1/pools",
    ]

    /// One record for a request. Paths are shown as patterns: what stands in them may be anything.
    private func record(
        _ reply: Reply, method: HTTPRequest.Method, pattern: String, match: RouteTable.Match, id: String,
        address: ClientAddress?, start: Int64
    ) {
        guard let logger = services.accessLogger else { return }
        var metadata: Logger.Metadata = [
            "method": "\(method.rawValue)", "path": "\(pattern)", "status": .stringConvertible(reply.status.code),
            "duration_ms": .stringConvertible(Double((monotonicNow() - start) / 1000) / 1000),
            "address": "\(address?.description ?? "local")", "request_id": "\(id)",
        ]
        var runID = reply.runID
        if runID == nil, case .found(let route, let parameters) = match, route.pattern.hasPrefix("/api/v1/runs/{}") {
            runID = parameters.first.flatMap { RunID($0) }
        }
        if let runID { metadata["run_id"] = "\(runID)" }
        if let code = reply.errorCode { metadata["code"] = "\(code)" }
        let isProbe = Self.probes.contains(pattern) && reply.status.code < 500
        logger.log(level: isProbe ? .debug : .info, "request", metadata: metadata)
    }

    private func pass(
        _ request: Request, _ context: GatewayContext, _ match: RouteTable.Match, _ address: ClientAddress?,
        _ id: String
    ) async throws -> Reply {
        let doors = services.doors
        guard doors.hosts.allows(request.head.authority) else {
            throw APIError(.hostNotAllowed, "this service is not called that; see allowed_hosts")
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            guard let origin = request.headers[.origin], !doors.origins.allowsCORS(origin) else {
                return Reply(status: .noContent)
            }
            throw APIError(
                .originNotAllowed, "pages of this origin may not use the API; see cors_origins",
                details: ["header.Origin": "one that the setting cors_origins lists"])
        }
        switch match {
        // The server as a whole (RFC 9110, section 9.3.7).
        case .notFound where request.uri.path == "*":
            var reply = Reply(status: .noContent)
            reply.headers[.allow] = "DELETE, GET, HEAD, OPTIONS, POST"
            return reply
        case .notFound: throw APIError(.notFound, "there is nothing here")
        case .wrongMethod(let allowed):
            let names = Set(allowed.map(\.rawValue)).sorted().joined(separator: ", ")
            var reply = Reply.error(APIError(.methodNotAllowed, "allowed here: \(names)"))
            reply.headers[.allow] = names
            return reply
        case .found(let route, let parameters):
            guard let query = PercentCoding.query(Substring(request.uri.query ?? "")) else {
                throw APIError(.invalidRequest, "the query is broken, or has a name twice")
            }
            guard route.cost != .open else {
                let caller = Caller(
                    owner: .anyone, keyID: nil, bucket: "", address: address?.description ?? "local", concurrent: nil)
                return try await route.handler(
                    GatewayRequest(
                        request: request, channel: context.channel, logger: services.logger, parameters: parameters,
                        query: query, caller: caller, memory: services.settings.memory, id: id))
            }
            return try await serve(route, parameters, query, request, context, address, id)
        }
    }

    private func serve(
        _ route: Route, _ parameters: [String], _ query: [String: String], _ request: Request,
        _ context: GatewayContext, _ address: ClientAddress?, _ id: String
    ) async throws -> Reply {
        let now = monotonicNow()
        let (caller, perMinute) = try services.doors.caller(request.headers, address: address, now: now)
        var decision: RateDecision?
        if route.cost == .limited {
            let taken = services.doors.rates.take(caller.bucket, now: now, perMinute: perMinute)
            decision = taken
            guard taken.isAllowed else {
                var reply = Reply.error(APIError(.rateLimited, "too many requests", retryable: true))
                reply.headers[.retryAfter] = String(taken.retryAfterSeconds)
                Self.add(taken, to: &reply)
                return reply
            }
        }
        var reply: Reply
        do {
            reply = try await route.handler(
                GatewayRequest(
                    request: request, channel: context.channel, logger: services.logger, parameters: parameters,
                    query: query, caller: caller, memory: services.settings.memory, id: id))
        } catch {
            reply = Self.reply(to: error, logger: services.logger)
        }
        if let decision { Self.add(decision, to: &reply) }
        return reply
    }

    /// What HEAD is answered: the length that GET would have, where that does not change from one to the other.
    private static func bodiless(_ reply: Reply) -> ResponseBody {
        ResponseBody(contentLength: reply.isLive ? nil : reply.body.contentLength) { try await $0.finish(nil) }
    }

    private static func add(_ decision: RateDecision, to reply: inout Reply) {
        reply.headers[.rateLimitLimit] = String(decision.limit)
        reply.headers[.rateLimitRemaining] = String(decision.remaining)
        reply.headers[.rateLimitReset] = String(decision.resetSeconds)
    }

    private static func reply(to error: any Error, logger: Logger) -> Reply {
        if let error = error as? APIError { return .error(error) }
        // Nobody will read it: the client has gone, or has been answered by the connection already.
        if error is HTTPBodyCutOff { return .error(APIError(.invalidRequest, "the body was cut off")) }
        logger.error("unexpected error", metadata: ["error": "\(error)"])
        return .error(APIError(.internalError, "an internal error; it has been logged", retryable: true))
    }

    // Parsed once: every answer carries them.
    private static let apiFields = fields(SecurityHeaders.api)
    private static let artifactFields = fields(SecurityHeaders.artifact)
    private static let tlsFields = fields(SecurityHeaders.tls)

    private static func fields(_ pairs: [(String, String)]) -> [HTTPField] {
        pairs.compactMap { name, value in HTTPField.Name(name).map { HTTPField(name: $0, value: value) } }
    }

    /// The headers of every answer.
    private func finish(_ reply: inout Reply, _ request: Request) {
        let common =
            switch reply.kind {
            case .api: Self.apiFields
            case .page: pageFields
            case .artifact: Self.artifactFields
            }
        reply.headers.append(contentsOf: common)
        if services.settings.isTLS { reply.headers.append(contentsOf: Self.tlsFields) }
        // Also without an origin: caches must not give a foreign page's answer to ours, or the other way round.
        let origin = request.headers[.origin] ?? ""
        if !origin.isEmpty, !services.doors.origins.allowsCORS(origin),
            !services.doors.origins.allowsWebSocket(
                origin: origin, host: request.head.authority, isTLS: services.settings.isTLS)
        {
            services.logRefused(origin: origin, setting: "cors_origins")
        }
        for (name, value) in services.doors.origins.corsHeaders(origin: origin, isPreflight: request.method == .options)
        {
            guard let name = HTTPField.Name(name) else { continue }
            if name == .vary {
                reply.headers.append(HTTPField(name: name, value: value))
            } else {
                reply.headers[name] = value
            }
        }
    }
}

/// What Hummingbird hands along with a request.
package struct GatewayContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// Nanoseconds as seconds.
func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1_000_000_000 }
