package import AccessKeys
internal import HTTPTypes
internal import RunModel
internal import RunService

/// Who may come in, from where, and how often. Every request and every socket passes here, in this order.
package struct Doors: Sendable {
    package enum Keys: Sendable {
        /// Nobody is asked; all callers are one owner.
        case off
        case required(KeyRing)
    }

    package let keys: Keys
    let hosts: HostPolicy
    let origins: OriginPolicy
    let proxies: ProxyTrust
    let rates: RateLimiter

    package init(
        keys: Keys, allowedHosts: [String], listensOnLoopback: Bool, corsOrigins: [String], webSocketOrigins: [String],
        trustedProxies: [AddressRange], ratePerMinute: Int, burst: Int
    ) {
        self.keys = keys
        hosts = HostPolicy(allowed: allowedHosts, listensOnLoopback: listensOnLoopback)
        origins = OriginPolicy(cors: corsOrigins, webSocket: webSocketOrigins)
        proxies = ProxyTrust(ranges: trustedProxies)
        rates = RateLimiter(perMinute: ratePerMinute, burst: burst)
    }

    /// The prefix of the subprotocol that carries a browser's key.
    static let keyProtocol = "nestbox.key."

    /// Where the request comes from, behind proxies that are trusted.
    func address(peer: String?, headers: HTTPFields) -> ClientAddress? {
        guard let peer = peer.flatMap({ ClientAddress($0) }) else { return nil }
        return proxies.client(peer: peer, forwardedFor: headers[values: .xForwardedFor])
    }

    /// Who asks.
    ///
    /// - Throws: `UNAUTHENTICATED`, the same for a key that is missing, unknown, expired or revoked.
    func caller(_ headers: HTTPFields, address: ClientAddress?, now: Int64) throws(APIError) -> (
        Caller, perMinute: Int?
    ) {
        let place = address?.description ?? "local"
        switch keys {
        case .off:
            let caller = Caller(
                owner: .anyone, keyID: nil, bucket: address?.bucket ?? "local", address: place, concurrent: nil)
            return (caller, nil)
        case .required(let ring):
            guard let text = Self.key(headers), case .accepted(let key) = ring.verify(text) else {
                // Guessing costs what asking costs.
                guard rates.take(address?.bucket ?? "local", now: now).isAllowed else {
                    throw APIError(.rateLimited, "too many requests", retryable: true)
                }
                throw APIError(.unauthenticated, "an API key is needed: Authorization: Bearer nbx_…")
            }
            let caller = Caller(
                owner: RunOwner(key.id), keyID: key.id, bucket: "key:\(key.id)", address: place,
                concurrent: key.concurrent)
            return (caller, key.rate)
        }
    }

    /// The one key a request carries; two are none.
    private static func key(_ headers: HTTPFields) -> String? {
        var found: [String] = headers[values: .xAPIKey]
        for value in headers[values: .authorization] {
            let parts = value.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            found.append(String(parts[1]))
        }
        for value in headers[values: .secWebSocketProtocol] {
            for name in value.split(separator: ",") {
                let name = name.drop { $0 == " " || $0 == "\t" }
                if name.hasPrefix(keyProtocol) {
                    found.append(String(name.dropFirst(keyProtocol.count).prefix { $0 != " " && $0 != "\t" }))
                }
            }
        }
        return found.count == 1 ? found.first : nil
    }
}

extension HTTPField.Name {
    // SAFETY of the force: all are tokens of RFC 9110; `??` never takes its right side.
    static let xForwardedFor = HTTPField.Name("X-Forwarded-For") ?? .from
    static let xAPIKey = HTTPField.Name("X-API-Key") ?? .from
    static let rateLimitLimit = HTTPField.Name("RateLimit-Limit") ?? .from
    static let rateLimitRemaining = HTTPField.Name("RateLimit-Remaining") ?? .from
    static let rateLimitReset = HTTPField.Name("RateLimit-Reset") ?? .from
    static let requestID = HTTPField.Name("X-Request-Id") ?? .from
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .from
}
