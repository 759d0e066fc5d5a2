internal import HTTPTypes
package import HummingbirdCore
internal import LinuxSystem
package import Logging
internal import NIOCore
package import ServerTransport
package import Tracing

/// Answers the requests of one listener: first access control, then the route of an API, then the headers that all
/// responses carry. Decides on upgrades in the same way.
package struct HTTPRouter: Sendable {
    /// The target of a request.
    private enum Target {
        case reply(Reply)
        case route(Route, parameters: [String], query: [String: String])
    }

    let table: RouteTable
    let access: AccessControl
    let settings: InterfaceSettings
    let metrics: HTTPMetrics
    let sockets: SocketRegistry
    let origins: OriginCheck
    let pageFields: [HTTPField]
    /// Receives one record for each request; nil when they are turned off.
    let accessLogger: Logger?
    let tracing: RequestTracing

    /// - Parameters:
    ///   - table: the routes of all APIs.
    ///   - sockets: the registry of open WebSockets.
    ///   - tracer: makes the spans of requests; nil where nothing is exported.
    package init(
        _ table: RouteTable, access: AccessControl, settings: InterfaceSettings, metrics: HTTPMetrics,
        sockets: SocketRegistry, logger: Logger, accessLogger: Logger? = nil,
        tracer: (any Tracer)? = nil
    ) {
        self.table = table
        self.access = access
        self.settings = settings
        self.metrics = metrics
        self.sockets = sockets
        self.accessLogger = accessLogger
        tracing = RequestTracing(tracer: tracer)
        origins = OriginCheck(access.origins, isTLS: settings.isTLS, logger: logger)
        pageFields = Self.fields(SecurityHeaders.page(embedders: settings.embedOrigins))
    }

    /// Answers one request. Called on the connection's event loop; handlers run where their routes specify.
    package func respond(to request: Request, from peer: HTTPPeer) async -> Response {
        let start = monotonicNow()
        let id = RequestID.of(request.headers)
        let path = PathPattern.segments(request.uri.path)
        let match = table.match(request.method, path)
        let address = access.address(peer: peer.address?.ipAddress, headers: request.headers)
        let pattern = match.route?.pattern.description ?? "other"
        let traced = begin(request, match, pattern, id)
        var reply = await traced.carryOut { await answer(request, peer, match, path, address, id, start) }
        if request.method == .head { reply.body = Self.bodiless(reply) }
        finish(&reply, request)
        let duration = monotonicNow() - start
        metrics.answered(
            pattern: pattern, method: request.method.rawValue, status: reply.status.code, error: reply.errorCode,
            nanoseconds: duration)
        reply.headers[.requestID] = id
        traced.end(status: reply.status.code, errorCode: reply.errorCode)
        record(
            reply, request.method, match, pattern: pattern, id: id, address: address, trace: traced.traceID,
            nanoseconds: duration)
        return Response(status: reply.status, headers: reply.headers, body: reply.body)
    }

    /// Probes come all the time and say nothing: they have no spans.
    private func begin(
        _ request: Request, _ match: RouteTable.Match, _ pattern: String, _ id: String
    ) -> RequestTracing.Traced {
        guard match.route?.options.isProbe != true else { return RequestTracing.none }
        return tracing.begin(
            "\(request.method.rawValue) \(pattern)", parent: RequestTracing.context(request.headers),
            attributes: [
                "http.request.method": request.method.rawValue, "http.route": pattern, "nestbox.request_id": id,
            ])
    }

    private func answer(
        _ request: Request, _ peer: HTTPPeer, _ match: RouteTable.Match, _ path: [String]?, _ address: ClientAddress?,
        _ id: String, _ now: Int64
    ) async -> Reply {
        let target: Target
        let admission: Admission
        do {
            (target, admission) = try access.admit(request.head, from: address, now: now) { try find(request, match) }
        } catch {
            return Self.reply(to: error, match.errors ?? table.errors(path))
        }
        guard case .route(let route, let parameters, let query) = target else {
            guard case .reply(let reply) = target else { preconditionFailure("a target is a reply or a route") }
            return reply
        }
        var reply: Reply
        do {
            reply = try await run(
                route,
                RouteRequest(
                    request: request, presence: peer.presence, parameters: parameters, query: query,
                    caller: admission.caller, id: id, memory: settings.memory, origins: origins))
        } catch {
            reply = Self.reply(to: error, route.errors)
        }
        if let rate = admission.rate { Self.add(rate, to: &reply) }
        return reply
    }

    /// The step of access control that determines the target.
    private func find(
        _ request: Request, _ match: RouteTable.Match
    ) throws(InterfaceError) -> (Target, AccessRequirement?) {
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            guard let origin = request.headers[.origin], !origins.policy.allowsCORS(origin) else {
                return (.reply(Reply(status: .noContent)), nil)
            }
            throw .originNotAllowed(.api)
        }
        switch match {
        // The server as a whole (RFC 9110, section 9.3.7).
        case .notFound where request.uri.path == "*":
            var reply = Reply(status: .noContent)
            reply.headers[.allow] = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
            return (.reply(reply), nil)
        case .notFound: throw .notFound
        case .wrongMethod(let allowed, _): throw .methodNotAllowed(Set(allowed.map(\.rawValue)).sorted())
        case .found(let route, let parameters):
            guard let query = PercentCoding.query(Substring(request.uri.query ?? "")) else { throw .brokenQuery }
            return (.route(route, parameters: parameters, query: query), route.requirement)
        }
    }

    private func run(_ route: Route, _ request: RouteRequest) async throws -> Reply {
        switch route.options.executor {
        case .eventLoop: try await route.handler(request)
        case .pool: try await withTaskExecutorPreference(globalConcurrentExecutor) { try await route.handler(request) }
        }
    }

    /// Logs the record of a request. Paths are shown as patterns: their parameters may contain any text.
    private func record(
        _ reply: Reply, _ method: HTTPRequest.Method, _ match: RouteTable.Match, pattern: String, id: String,
        address: ClientAddress?, trace: String?, nanoseconds: Int64
    ) {
        guard let accessLogger else { return }
        var metadata: Logger.Metadata = [
            "method": "\(method.rawValue)", "path": "\(pattern)", "status": .stringConvertible(reply.status.code),
            "duration_ms": .stringConvertible(Double(nanoseconds / 1000) / 1000),
            "address": "\(address?.description ?? "local")", "request_id": "\(id)",
        ]
        var field = reply.logField
        if field == nil, case .found(let route, let parameters) = match, let parameter = parameters.first {
            field = route.options.logField?(parameter)
        }
        if let trace { metadata["trace_id"] = "\(trace)" }
        if let field { metadata[field.name] = "\(field.value)" }
        if let code = reply.errorCode { metadata["code"] = "\(code)" }
        let isProbe = match.route?.options.isProbe == true && reply.status.code < 500
        accessLogger.log(level: isProbe ? .debug : .info, "request", metadata: metadata)
    }
}

extension RouteTable.Match {
    /// The route that answers the request.
    var route: Route? {
        if case .found(let route, _) = self { route } else { nil }
    }

    /// The format of errors for the path, if it is the path of a route.
    var errors: (any ErrorRenderer)? {
        switch self {
        case .found(let route, _), .wrongMethod(_, let route): route.errors
        case .notFound: nil
        }
    }
}
