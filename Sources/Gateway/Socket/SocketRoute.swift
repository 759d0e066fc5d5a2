package import HTTPTypes
internal import HummingbirdCore
internal import LinuxSystem
package import NIOCore
internal import RunModel
internal import RunService
package import WebSockets

/// The door of WebSockets: who may upgrade, and what those get who may not.
package struct SocketRoute: Sendable {
    static let paths: Set<String> = ["/api/v1/ws", "/ws"]
    static let json = "nestbox.v1.json"
    static let binary = "nestbox.v1.binary"

    let services: GatewayServices

    package init(services: GatewayServices) {
        self.services = services
    }

    /// Decides before the upgrade. A refused request goes on to `refuse`, which says why.
    package func decide(_ head: HTTPRequest, _ channel: any Channel) -> UpgradeDecision {
        let path = head.path ?? ""
        guard Self.paths.contains(String(path.prefix { $0 != "?" })), services.doors.hosts.allows(head.authority),
            !services.runs.isClosed
        else { return .refuse }
        let address = services.doors.address(peer: channel.remoteAddress?.ipAddress, headers: head.headerFields)
        guard isAllowedOrigin(head.headerFields, host: head.authority) else { return .refuse }
        let admitted: (Caller, perMinute: Int?)
        do {
            admitted = try services.doors.caller(head.headerFields, address: address, now: monotonicNow())
        } catch {
            return .refuse
        }
        let (caller, perMinute) = admitted
        let offered = Self.offered(head.headerFields)
        let chosen = offered.first { $0 == Self.json || $0 == Self.binary }
        // A client that offers only what we do not speak would fail its own handshake (RFC 6455, section 4.1).
        let isForeign = chosen == nil && offered.contains { !$0.hasPrefix(Doors.keyProtocol) }
        guard !isForeign else { return .refuse }
        // The last thing to look at: a request that is refused is counted where it is answered.
        guard services.doors.rates.take(caller.bucket, now: monotonicNow(), perMinute: perMinute).isAllowed else {
            return .refuse
        }
        let services = services
        let executor = LoopExecutor(channel.eventLoop)
        let id = RequestID.of(head.headerFields)
        return .upgrade(subprotocol: chosen) { socket in
            await withTaskExecutorPreference(executor) {
                await SocketSession(
                    services: services, caller: caller, perMinute: perMinute, socket: socket,
                    isBinary: chosen == Self.binary, id: id
                ).run()
            }
        }
    }

    /// Answers a request for a WebSocket that was not upgraded. The doors of the API have been passed by then.
    func refuse(_ request: GatewayRequest) throws -> Reply {
        let headers = request.request.headers
        guard isAllowedOrigin(headers, host: request.request.head.authority) else {
            services.logRefused(origin: headers[values: .origin].joined(separator: ", "), setting: "websocket_origins")
            throw APIError(
                .originNotAllowed, "pages of this origin may not open sockets; see websocket_origins",
                details: ["header.Origin": "one that the setting websocket_origins lists"])
        }
        if services.runs.isClosed { throw APIError(.shuttingDown, "the service is stopping", retryable: true) }
        var reply = Reply.error(
            APIError(
                .upgradeRequired,
                "a WebSocket upgrade is needed here: version 13, subprotocol nestbox.v1.json or nestbox.v1.binary"))
        reply.headers[.upgrade] = "websocket"
        reply.headers[HTTPField.Name("Sec-WebSocket-Version") ?? .from] = "13"
        return reply
    }

    private func isAllowedOrigin(_ headers: HTTPFields, host: String?) -> Bool {
        let origins = headers[values: .origin]
        guard origins.count <= 1 else { return false }
        return services.doors.origins.allowsWebSocket(
            origin: origins.first, host: host, isTLS: services.settings.isTLS)
    }

    private static func offered(_ headers: HTTPFields) -> [String] {
        headers[values: .secWebSocketProtocol].flatMap { value in
            value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        }
    }
}
