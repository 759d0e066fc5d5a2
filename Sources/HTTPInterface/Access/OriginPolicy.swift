internal import Synchronization

/// The foreign pages that may use the API, and those that may open sockets.
package struct OriginPolicy: Sendable {
    private let corsOrigins: Set<String>
    private let socketOrigins: Set<String>

    init(cors: [String], webSocket: [String]) {
        corsOrigins = Set(cors.map { $0.lowercased() })
        socketOrigins = Set(webSocket.map { $0.lowercased() })
    }

    /// The headers that let a page of this origin read the answer; none for origins that are not listed. The origin is
    /// never reflected otherwise, `null` never, and credentials are never allowed.
    func corsHeaders(origin: String, isPreflight: Bool) -> [(String, String)] {
        guard !corsOrigins.isEmpty else { return [] }
        var headers = [("Vary", "Origin")]
        guard allowsCORS(origin) else { return headers }
        headers.append(("Access-Control-Allow-Origin", origin))
        headers.append(
            (
                "Access-Control-Expose-Headers",
                "Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Nestbox-Policy, Nestbox-Queue"
            ))
        if isPreflight {
            headers.append(("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS"))
            headers.append(("Access-Control-Allow-Headers", "authorization, x-api-key, content-type, last-event-id"))
            headers.append(("Access-Control-Max-Age", "600"))
        }
        return headers
    }

    /// Whether pages of this origin may read answers. Browsers write origins in lower case.
    func allowsCORS(_ origin: String) -> Bool {
        Self.isPlain(origin) && corsOrigins.contains(origin) && origin != "null" && origin != "*"
    }

    /// Lower-casing turns some other letters into ASCII, and combining marks merge with the characters before them.
    private static func isPlain(_ origin: String) -> Bool {
        origin.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// Whether a page of this origin may open a socket: RFC 6455, section 10.2. No cookie protects the service, and loopback does
    /// not either.
    ///
    /// - Parameters:
    ///   - origin: absent for clients other than browsers.
    ///   - host: the host of the request. An origin with the same name and port is a page of this service. Behind a proxy that terminates
    ///     TLS the page's scheme is https and the service's is not, so both schemes are accepted; with TLS here, only https.
    func allowsWebSocket(origin: String?, host: String?, isTLS: Bool) -> Bool {
        guard let sent = origin else { return true }
        guard Self.isPlain(sent) else { return false }
        let origin = sent.lowercased()
        if socketOrigins.contains(origin), origin != "null" { return true }
        guard let host, let own = HostPolicy.split(host) else { return false }
        for (scheme, standard) in [("https://", UInt16(443)), ("http://", 80)] where origin.hasPrefix(scheme) {
            if scheme == "http://", isTLS { return false }
            guard let (name, port) = HostPolicy.split(String(origin.dropFirst(scheme.count))) else { return false }
            return name == own.name && (port ?? standard) == (own.port ?? standard)
        }
        return false
    }
}

/// Foreign origins that were refused: each is logged once, up to a maximum number.
final class RefusedOrigins: Sendable {
    private static let most = 64
    private let known = Mutex<Set<String>>([])

    /// - Parameter refusal: the origin, and the refused use.
    func isNew(_ refusal: String) -> Bool {
        known.withLock { $0.count < Self.most && $0.insert(String(refusal.prefix(256))).inserted }
    }
}
