internal import HTTPTypes

/// Finds the handler of a method and a path. Paths are taken apart once, decoded once, and never joined again.
struct RouteTable: Sendable {
    enum Match {
        case found(Route, parameters: [String])
        case notFound
        /// The path is there, with other methods.
        case wrongMethod(allowed: [HTTPRequest.Method])
    }

    private(set) var routes: [Route] = []

    mutating func add(_ route: Route) {
        routes.append(route)
    }

    /// - Parameter path: as it came, without the query.
    func match(_ method: HTTPRequest.Method, path: String) -> Match {
        guard let segments = Self.segments(path) else { return .notFound }
        var allowed: [HTTPRequest.Method] = []
        for route in routes {
            guard let parameters = route.match(segments) else { continue }
            if route.method == method || (method == .head && route.method == .get) {
                return .found(route, parameters: parameters)
            }
            allowed.append(route.method)
            if route.method == .get { allowed.append(.head) }
        }
        return allowed.isEmpty ? .notFound : .wrongMethod(allowed: allowed)
    }

    /// The decoded segments of a path; nil when it has one that cannot be meant well: empty, `.`, `..`, with a slash,
    /// a backslash or a control character once decoded, or not UTF-8.
    static func segments(_ path: String) -> [String]? {
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= 4096 else { return nil }
        if path == "/" { return [] }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let text = PercentCoding.decode(part), !text.isEmpty, text != ".", text != ".." else { return nil }
            guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f || $0 == 0x2f || $0 == 0x5c }) else {
                return nil
            }
            segments.append(text)
        }
        return segments
    }
}

/// One operation of the API: where it is, what it needs, what it does.
struct Route: Sendable {
    typealias Handler = @Sendable (GatewayRequest) async throws -> Reply

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter
        /// Everything that is left, at least one segment.
        case rest
    }

    /// What it counts for.
    enum Cost: Sendable, Equatable {
        /// For everybody, never counted: liveness, the page, the contract.
        case open
        /// With a key, if keys are asked for; counted.
        case limited
        /// With a key; looking is not counted.
        case free
    }

    let method: HTTPRequest.Method
    /// As metrics and logs show it.
    let pattern: String
    let cost: Cost
    let handler: Handler
    private let segments: [Segment]

    /// - Parameter pattern: `/api/v1/runs/{}`, `/assets/**`.
    init(_ method: HTTPRequest.Method, _ pattern: String, cost: Cost, handler: @escaping Handler) {
        self.method = method
        self.pattern = pattern
        self.cost = cost
        self.handler = handler
        segments = pattern.split(separator: "/").map { part in
            switch part {
            case "{}": .parameter
            case "**": .rest
            default: .literal(String(part))
            }
        }
    }

    /// The values of the pattern's parameters; nil when the path is another one.
    func match(_ path: [String]) -> [String]? {
        var parameters: [String] = []
        for (index, segment) in segments.enumerated() {
            if segment == .rest {
                guard index < path.count else { return nil }
                parameters.append(path[index...].joined(separator: "/"))
                return parameters
            }
            guard index < path.count else { return nil }
            switch segment {
            case .literal(let text) where text == path[index]: continue
            case .parameter: parameters.append(path[index])
            case .literal, .rest: return nil
            }
        }
        return path.count == segments.count ? parameters : nil
    }
}
