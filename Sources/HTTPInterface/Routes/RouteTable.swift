internal import HTTPTypes

/// Finds the route of a method and a path. Paths are split once, decoded once, and never joined again.
package struct RouteTable: Sendable {
    enum Match {
        case found(Route, parameters: [String])
        case notFound
        /// The path exists, with other methods.
        case wrongMethod(allowed: [HTTPRequest.Method], Route)
    }

    /// Two routes of the same method and path: the second would never be reached.
    package struct Duplicate: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    package let routes: [Route]
    private let sockets: [SocketRoute]
    /// The error formats by base path, the longest path first.
    private let errors: [(path: [String], renderer: any ErrorRenderer)]

    /// The routes of the groups for a port; there must be at least one group.
    package init(_ groups: [RouteGroup], port: ServerPort = .main) throws(Duplicate) {
        let groups = groups.filter { $0.port == port }
        precondition(!groups.isEmpty, "a listener without an API")
        sockets = groups.flatMap(\.sockets)
        routes = groups.flatMap(\.routes) + sockets.map(\.plainRoute)
        errors = groups.map { (PathPattern.segments($0.basePath) ?? [], $0.errors) }
            .sorted { $0.path.count > $1.path.count }
        var known: Set<String> = []
        for route in routes where !known.insert("\(route.method.rawValue) \(route.pattern)").inserted {
            throw Duplicate(description: "\(route.method.rawValue) \(route.pattern) is there twice")
        }
    }

    /// - Parameter path: its decoded segments; nil for an invalid path.
    func match(_ method: HTTPRequest.Method, _ path: [String]?) -> Match {
        guard let path else { return .notFound }
        var allowed: [HTTPRequest.Method] = []
        var last: Route?
        for route in routes {
            guard let parameters = route.pattern.match(path) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                return .found(route, parameters: parameters)
            }
            last = last ?? route
            allowed.append(route.method)
            if route.method == .get { allowed.append(.head) }
        }
        guard let last else { return .notFound }
        return .wrongMethod(allowed: allowed, last)
    }

    /// - Parameter path: as received, without the query. Socket paths contain no escapes.
    func socket(_ path: some StringProtocol) -> (SocketRoute, parameters: [String])? {
        guard !sockets.isEmpty, !path.utf8.contains(UInt8(ascii: "%")), let segments = PathPattern.segments(path) else {
            return nil
        }
        for socket in sockets {
            if let parameters = socket.pattern.match(segments) { return (socket, parameters) }
        }
        return nil
    }

    /// The format of errors that belong to no path: that of the group whose base path is the shortest.
    var rootErrors: any ErrorRenderer { errors[errors.count - 1].renderer }

    /// The format of errors that belong to no route: that of the group whose base path is the longest.
    ///
    /// - Parameter path: its decoded segments; nil for an invalid path.
    func errors(_ path: [String]?) -> any ErrorRenderer {
        errors.first { (path ?? []).starts(with: $0.path) }?.renderer ?? rootErrors
    }
}
