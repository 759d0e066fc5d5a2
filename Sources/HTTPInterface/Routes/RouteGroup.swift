package import HTTPTypes

/// The routes of one API, or of a part of one, with what they have in common.
package struct RouteGroup: Sendable {
    /// What all paths begin with: empty, or with a slash at the front and none at the end.
    package let basePath: String
    package let port: ServerPort
    package let errors: any ErrorRenderer
    private let requirement: AccessRequirement
    package private(set) var routes: [Route] = []
    package private(set) var sockets: [SocketRoute] = []

    /// - Parameters:
    ///   - access: of routes that do not say otherwise.
    ///   - isRateLimited: whether requests of routes that do not say otherwise are counted.
    ///   - errors: the shape of errors under the base path, those of unknown paths included.
    package init(
        _ basePath: String = "", access: Access = .key, isRateLimited: Bool = true, port: ServerPort = .main,
        errors: any ErrorRenderer
    ) {
        precondition(basePath.isEmpty || (basePath.first == "/" && basePath.last != "/"), "a base path is /a or /a/b")
        self.basePath = basePath
        self.port = port
        self.errors = errors
        requirement = AccessRequirement(access, isRateLimited: isRateLimited)
    }

    private func requirement(_ access: Access?, _ isRateLimited: Bool?) -> AccessRequirement {
        AccessRequirement(access ?? requirement.access, isRateLimited: isRateLimited ?? requirement.isRateLimited)
    }

    /// Adds a route.
    ///
    /// - Parameter pattern: behind the base path: `/runs/{}`, `/assets/**`.
    package mutating func add(
        _ method: HTTPRequest.Method, _ pattern: String, access: Access? = nil, isRateLimited: Bool? = nil,
        options: Route.Options = Route.Options(), handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: method, pattern: PathPattern(basePath + pattern),
                requirement: requirement(access, isRateLimited), options: options, errors: errors, handler: handler))
    }

    /// Adds a WebSocket, and a GET route of the same path for requests that are not upgraded, which says why.
    ///
    /// - Parameters:
    ///   - subprotocols: those that are spoken. A client that offers others alone is refused, one that offers none is
    ///     not: the handler is told.
    ///   - check: throws, as a handler does, when no socket can be opened at this moment.
    ///   - handler: has the socket until it returns; runs on the connection's event loop.
    package mutating func addSocket(
        _ pattern: String, access: Access? = nil, isRateLimited: Bool? = nil, subprotocols: [String],
        check: @escaping @Sendable () throws -> Void = {}, handler: @escaping SocketRoute.Handler
    ) {
        sockets.append(
            SocketRoute(
                pattern: PathPattern(basePath + pattern), requirement: requirement(access, isRateLimited),
                subprotocols: subprotocols, check: check, errors: errors, handler: handler))
    }
}
