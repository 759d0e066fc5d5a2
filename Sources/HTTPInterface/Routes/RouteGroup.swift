package import HTTPTypes

/// The routes of one API, or of a part of one, with their common properties.
package struct RouteGroup: Sendable {
    /// The prefix of all paths: empty, or with a slash at the front and none at the end.
    package let basePath: String
    package let port: ServerPort
    package let errors: any ErrorRenderer
    private let requirement: AccessRequirement
    package private(set) var routes: [Route] = []
    package private(set) var sockets: [SocketRoute] = []

    /// - Parameters:
    ///   - access: the default for the routes of the group.
    ///   - isRateLimited: whether requests are counted; the default for the routes of the group.
    ///   - acceptsTokens: whether keys may come as Jupyter's clients send them; see `AccessRequirement`.
    ///   - errors: the format of errors under the base path, including those of unknown paths.
    package init(
        _ basePath: String = "", access: Access = .key, isRateLimited: Bool = true, port: ServerPort = .main,
        acceptsTokens: Bool = false, errors: any ErrorRenderer
    ) {
        precondition(basePath.isEmpty || (basePath.first == "/" && basePath.last != "/"), "a base path is /a or /a/b")
        self.basePath = basePath
        self.port = port
        self.errors = errors
        requirement = AccessRequirement(access, isRateLimited: isRateLimited, acceptsTokens: acceptsTokens)
    }

    private func requirement(_ access: Access?, _ isRateLimited: Bool?) -> AccessRequirement {
        AccessRequirement(
            access ?? requirement.access, isRateLimited: isRateLimited ?? requirement.isRateLimited,
            acceptsTokens: requirement.acceptsTokens)
    }

    /// Adds a route.
    ///
    /// - Parameter pattern: relative to the base path: `/runs/{}`, `/assets/**`.
    package mutating func add(
        _ method: HTTPRequest.Method, _ pattern: String, access: Access? = nil, isRateLimited: Bool? = nil,
        options: Route.Options = Route.Options(), handler: @escaping Route.Handler
    ) {
        routes.append(
            Route(
                method: method, pattern: PathPattern(basePath + pattern),
                requirement: requirement(access, isRateLimited), options: options, errors: errors, handler: handler))
    }

    /// Adds a WebSocket, and a GET route of the same path that answers requests that are not upgraded with the reason.
    ///
    /// - Parameters:
    ///   - subprotocols: the supported ones. A client that offers only others is refused; one that offers none is
    ///     accepted, and the handler gets nil.
    ///   - check: throws, as a handler does, when no socket can be opened now.
    ///   - handler: owns the socket until it returns; runs on the connection's event loop.
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
