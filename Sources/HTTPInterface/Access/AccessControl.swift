package import AccessKeys
internal import HTTPTypes
package import ServerTransport

/// Who may come in, from where, and how often: for requests and for upgrades to a WebSocket alike.
///
/// `admit` holds the order of the checks, which clients can tell from the answers:
///
/// 1. the name the service is called by (421);
/// 2. which route is meant (404, 405, a broken query 400; of a socket also its origin, whether it is open now, and its
///    subprotocol: 403, 503, 426);
/// 3. the key (401; guessing counts against the rate of the address, 429);
/// 4. the role of the key, for routes of administrators (403);
/// 5. the rate (429).
///
/// An upgrade that does not pass is answered as a plain request, whose route is found in step 2 and which looks at the
/// socket's own conditions last.
package struct AccessControl: Sendable {
    package enum Keys: Sendable {
        /// No key is asked for; all callers are one owner.
        case off
        case required(KeyRing)
    }

    /// The prefix of the subprotocol that carries a browser's key.
    package static let keyProtocol = "nestbox.key."

    package let keys: Keys
    package let origins: OriginPolicy
    private let isAdministrator: @Sendable (AccessKey) -> Bool
    private let hosts: HostPolicy
    private let proxies: ProxyTrust
    private let rates: RateLimiter

    /// - Parameters:
    ///   - isAdministrator: whether a key, which is valid, is that of an administrator. Keys have no roles of their own:
    ///     each may see what administrators see. Where no keys are asked for, every caller may.
    ///   - listensOnLoopback: whether only this machine can connect.
    ///   - ratePerMinute: requests per minute of one key, or of one address without keys.
    ///   - burst: requests at the same time.
    package init(
        keys: Keys, isAdministrator: @escaping @Sendable (AccessKey) -> Bool = { _ in true },
        allowedHosts: [String], listensOnLoopback: Bool, corsOrigins: [String], webSocketOrigins: [String],
        trustedProxies: [AddressRange], ratePerMinute: Int, burst: Int
    ) {
        self.keys = keys
        self.isAdministrator = isAdministrator
        hosts = HostPolicy(allowed: allowedHosts, listensOnLoopback: listensOnLoopback)
        origins = OriginPolicy(cors: corsOrigins, webSocket: webSocketOrigins)
        proxies = ProxyTrust(ranges: trustedProxies)
        rates = RateLimiter(perMinute: ratePerMinute, burst: burst)
    }

    /// Where a request comes from, behind proxies that are trusted.
    func address(peer: String?, headers: HTTPFields) -> ClientAddress? {
        guard let peer = peer.flatMap({ ClientAddress($0) }) else { return nil }
        return proxies.client(peer: peer, forwardedFor: headers[values: .xForwardedFor])
    }

    /// Carries out all checks in their order.
    ///
    /// - Parameters:
    ///   - isTentative: whether whatever is refused now will be refused again where it is answered. It counts there.
    ///   - find: says what is wanted and what that asks for; nil for what asks for nothing but the right name. What it
    ///     throws is passed on.
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
            : try identify(head.headerFields, address, now, isTentative: isTentative)
        if requirement.access == .admin, !caller.isAdministrator { throw InterfaceError.forbidden }
        guard requirement.isRateLimited else {
            return (target, Admission(caller: caller, perMinute: perMinute, rate: nil))
        }
        let rate = rates.take(caller.bucket, now: now, perMinute: perMinute)
        guard rate.isAllowed else { throw InterfaceError.rateLimited(rate) }
        return (target, Admission(caller: caller, perMinute: perMinute, rate: rate))
    }

    /// Counts one more request of a caller who has been admitted, such as a message that is worth a request.
    func count(_ admission: Admission, now: Int64) throws(InterfaceError) {
        let rate = rates.take(admission.caller.bucket, now: now, perMinute: admission.perMinute)
        guard rate.isAllowed else { throw .rateLimited(rate) }
    }

    private static func bucket(_ address: ClientAddress?) -> String { address?.bucket ?? "local" }

    private static func anyone(_ address: ClientAddress?, bucket: String) -> Caller {
        Caller(
            keyID: nil, bucket: bucket, address: address?.description ?? "local", concurrent: nil,
            isAdministrator: false)
    }

    /// Who asks.
    ///
    /// - Throws: `unauthenticated`, the same for a key that is missing, unknown, expired or revoked.
    private func identify(
        _ headers: HTTPFields, _ address: ClientAddress?, _ now: Int64, isTentative: Bool
    ) throws(InterfaceError) -> (Caller, perMinute: Int?) {
        let place = address?.description ?? "local"
        switch keys {
        case .off:
            let caller = Caller(
                keyID: nil, bucket: Self.bucket(address), address: place, concurrent: nil, isAdministrator: true)
            return (caller, nil)
        case .required(let ring):
            guard let text = Self.key(headers), case .accepted(let key) = ring.verify(text) else {
                // Guessing costs what asking costs.
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
