package import AccessKeys
internal import HTTPTypes
package import ServerTransport

/// Decides who may use the service, from where, and how often: for requests and for upgrades to a WebSocket.
///
/// `admit` defines the order of the checks, which clients can observe in the answers:
///
/// 1. the host name (421);
/// 2. the route (404, 405, an invalid query 400; for a socket also its origin, whether it is available now, and its
///    subprotocol: 403, 503, 426);
/// 3. the key (401; guessing counts against the rate of the address, 429);
/// 4. the role of the key, for routes of administrators (403);
/// 5. the rate (429).
///
/// An upgrade that does not pass is answered as a plain request, whose route is found in step 2 and which looks at the
/// socket's own conditions last.
package struct AccessControl: Sendable {
    package enum Keys: Sendable {
        /// No key is required; all callers are one owner.
        case off
        case required(KeyRing)
    }

    /// The prefix of the subprotocol that carries a browser's key.
    package static let keyProtocol = "nestbox.key."

    package let keys: Keys
    package let origins: OriginPolicy
    private let tenantRate: @Sendable (String?) -> TenantRate?
    private let isAdministrator: @Sendable (AccessKey) -> Bool
    private let onRefusedKey: @Sendable (_ text: String, _ address: String) -> Void
    private let hosts: HostPolicy
    private let proxies: ProxyTrust
    private let rates: RateLimiter

    /// - Parameters:
    ///   - isAdministrator: whether a key, which is valid, is that of an administrator. Where no keys are required, callers
    ///     from this machine are administrators, and no others.
    ///   - tenantRate: the rate of the tenant of a key, by its id, or of callers without keys; nil for none.
    ///   - onRefusedKey: called with the text of a key that was refused, and the address of the client; must not block.
    ///   - listensOnLoopback: whether only this machine can connect.
    ///   - ratePerMinute: requests per minute of one key, or of one address without keys.
    ///   - burst: requests at the same time.
    package init(
        keys: Keys, isAdministrator: @escaping @Sendable (AccessKey) -> Bool = { $0.isAdministrator },
        tenantRate: @escaping @Sendable (String?) -> TenantRate? = { _ in nil },
        onRefusedKey: @escaping @Sendable (String, String) -> Void = { _, _ in },
        allowedHosts: [String], listensOnLoopback: Bool, corsOrigins: [String], webSocketOrigins: [String],
        trustedProxies: [AddressRange], ratePerMinute: Int, burst: Int
    ) {
        self.keys = keys
        self.isAdministrator = isAdministrator
        self.tenantRate = tenantRate
        self.onRefusedKey = onRefusedKey
        hosts = HostPolicy(allowed: allowedHosts, listensOnLoopback: listensOnLoopback)
        origins = OriginPolicy(cors: corsOrigins, webSocket: webSocketOrigins)
        proxies = ProxyTrust(ranges: trustedProxies)
        rates = RateLimiter(perMinute: ratePerMinute, burst: burst)
    }

    /// The address of the client, behind trusted proxies.
    func address(peer: String?, headers: HTTPFields) -> ClientAddress? {
        guard let peer = peer.flatMap({ ClientAddress($0) }) else { return nil }
        return proxies.client(peer: peer, forwardedFor: headers[values: .xForwardedFor])
    }

    /// Carries out all checks in their order.
    ///
    /// - Parameters:
    ///   - isTentative: whether a refusal will be repeated, and counted, when the request is answered.
    ///   - find: returns the requested target and its requirements; nil for a target that requires only the right host name. Errors
    ///     it throws are rethrown.
    /// - Throws: `InterfaceError`, or what `find` throws.
    func admit<Target>(
        _ head: HTTPRequest, from address: ClientAddress?, now: Int64, isTentative: Bool = false,
        to find: () throws -> (Target, AccessRequirement?)
    ) throws -> (Target, Admission) {
        guard hosts.allows(head.authority) else { throw InterfaceError.hostNotAllowed }
        let (target, requirement) = try find()
        guard let requirement, requirement.access != .public || requirement.isRateLimited else {
            return (target, Admission(caller: Self.anyone(address, bucket: ""), perMinute: nil, rate: nil))
        }
        let (caller, perMinute) =
            requirement.access == .public
            ? (Self.anyone(address, bucket: Self.bucket(address)), nil)
            : try identify(head, address, now, requirement, isTentative: isTentative)
        if requirement.access == .admin, !caller.isAdministrator { throw InterfaceError.forbidden }
        guard requirement.isRateLimited else {
            return (target, Admission(caller: caller, perMinute: perMinute, rate: nil))
        }
        var admission = Admission(
            caller: caller, perMinute: perMinute, rate: nil, countsForTenant: requirement.access != .public)
        admission.rate = try take(admission, now)
        return (target, admission)
    }

    /// Counts one more request of an admitted caller, such as a message that counts as a request.
    func count(_ admission: Admission, now: Int64) throws(InterfaceError) {
        _ = try take(admission, now)
    }

    /// A request counts for its caller, and for the tenant that the caller belongs to now: a socket may be older than that.
    private func take(_ admission: Admission, _ now: Int64) throws(InterfaceError) -> RateDecision {
        let rate = rates.take(admission.caller.bucket, now: now, perMinute: admission.perMinute)
        guard rate.isAllowed else { throw .rateLimited(rate) }
        guard admission.countsForTenant, let tenant = tenantRate(admission.caller.keyID) else { return rate }
        let whole = rates.take(
            "tenant:\(tenant.name)", now: now, perMinute: tenant.perMinute, maximumBurst: tenant.perMinute)
        guard whole.isAllowed else { throw .rateLimited(whole) }
        return whole.remaining < rate.remaining ? whole : rate
    }

    private static func bucket(_ address: ClientAddress?) -> String { address?.bucket ?? "local" }

    private static func anyone(_ address: ClientAddress?, bucket: String) -> Caller {
        Caller(
            keyID: nil, bucket: bucket, address: address?.description ?? "local", concurrent: nil,
            isAdministrator: false)
    }

    /// The caller of a request.
    ///
    /// - Throws: `unauthenticated`, the same for a key that is missing, unknown, expired or revoked.
    private func identify(
        _ head: HTTPRequest, _ address: ClientAddress?, _ now: Int64, _ requirement: AccessRequirement,
        isTentative: Bool
    ) throws(InterfaceError) -> (Caller, perMinute: Int?) {
        let place = address?.description ?? "local"
        switch keys {
        case .off:
            let caller = Caller(
                keyID: nil, bucket: Self.bucket(address), address: place, concurrent: nil,
                // What a proxy of this machine passes on comes from elsewhere, whatever it says of the client.
                isAdministrator: (address?.isLoopback ?? true) && head.headerFields[.xForwardedFor] == nil)
            return (caller, nil)
        case .required(let ring):
            let text = Self.key(head, acceptsTokens: requirement.acceptsTokens)
            guard let text, case .accepted(let key) = ring.verify(text) else {
                if let text, !isTentative { onRefusedKey(text, place) }
                // A wrong key counts as much as a request.
                guard isTentative || rates.take(Self.bucket(address), now: now).isAllowed else {
                    throw .rateLimited(nil)
                }
                throw .unauthenticated
            }
            let caller = Caller(
                keyID: key.id, bucket: "key:\(key.id)", address: place, concurrent: key.concurrent,
                isAdministrator: isAdministrator(key))
            return (caller, key.rate)
        }
    }

    /// The parameter `token` of a query. An empty one is none: clients without a key send that.
    private static func token(in path: String?) -> String? {
        let parts = (path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let token = PercentCoding.query(parts[1])?["token"], !token.isEmpty else { return nil }
        return token
    }

    /// The one key that a request carries; nil for two keys.
    private static func key(_ head: HTTPRequest, acceptsTokens: Bool) -> String? {
        let headers = head.headerFields
        var found: [String] = headers[values: .xAPIKey]
        for value in headers[values: .authorization] {
            let parts = value.split(separator: " ", omittingEmptySubsequences: true)
            guard parts.count == 2 else { return nil }
            let scheme = parts[0].lowercased()
            guard scheme == "bearer" || (acceptsTokens && scheme == "token") else { return nil }
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
        if acceptsTokens, let token = token(in: head.path) { found.append(token) }
        return found.count == 1 ? found.first : nil
    }
}
