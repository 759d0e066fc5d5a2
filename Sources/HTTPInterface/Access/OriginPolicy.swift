internal import Synchronization

/// Which foreign pages may talk to us, and which may open sockets.
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
                "Location, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
            ))
        if isPreflight {
            headers.append(("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"))
            headers.append(("Access-Control-Allow-Headers", "authorization, x-api-key, content-type, last-event-id"))
            headers.append(("Access-Control-Max-Age", "600"))
        }
        return headers
    }

    /// Whether pages of this origin may read answers. Browsers write origins in lower case.
    func allowsCORS(_ origin: String) -> Bool {
        Self.isPlain(origin) && corsOrigins.contains(origin) && origin != "null" && origin != "*"
    }

    /// Lower case makes ASCII of some letters that are not, and combining marks hide what is before them.
    private static func isPlain(_ origin: String) -> Bool {
        origin.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// Whether a page of this origin may open a socket: RFC 6455, section 10.2. No cookie protects us, and loopback does
    /// not either.
    ///
    /// - Parameters:
    ///   - origin: absent for clients that are no browsers.
    ///   - host: what the request calls us. An origin of that very name and port is our own page. Behind a proxy that ends
    ///     TLS the page's scheme is https and ours is not, so both schemes are ours; with TLS here, only https is.
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

/// Foreign origins that were refused: each is logged once, and only so many.
final class RefusedOrigins: Sendable {
    private static let most = 64
    private let known = Mutex<Set<String>>([])

    /// - Parameter refusal: the origin, and what it was refused.
    func isNew(_ refusal: String) -> Bool {
        known.withLock { $0.count < Self.most && $0.insert(String(refusal.prefix(256))).inserted }
    }
}
