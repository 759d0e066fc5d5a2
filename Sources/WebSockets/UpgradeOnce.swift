internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1
internal import NIOWebSocket
internal import Synchronization

/// The upgrade of one connection: RFC 6455, section 4.2, on top of NIO's own checks, then whatever the gateway decides.
final class UpgradeOnce: NIOTypedHTTPServerProtocolUpgrader, Sendable {
    typealias UpgradeResult = HTTP1WebSocketChannel.Outcome

    struct Refused: Error {}

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []

    private let limits: WebSocketLimits
    private let decide: HTTP1WebSocketChannel.Decide
    private let decision = Mutex<(HTTPRequest, UpgradeDecision)?>(nil)
    private let base: NIOTypedWebSocketServerUpgrader<Void>

    init(limits: WebSocketLimits, decide: @escaping HTTP1WebSocketChannel.Decide) {
        self.limits = limits
        self.decide = decide
        // Only its arithmetic is used: the answer to the key.
        base = NIOTypedWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        guard Self.isUpgrade(upgradeRequest),
            let head = try? HTTPRequest(upgradeRequest, secure: false, splitCookie: false)
        else { return channel.eventLoop.makeFailedFuture(Refused()) }
        let decided = decide(head, channel)
        guard case .upgrade(let subprotocol, _) = decided else { return channel.eventLoop.makeFailedFuture(Refused()) }
        decision.withLock { $0 = (head, decided) }
        return base.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders
        ).map { headers in
            var headers = headers
            if let subprotocol { headers.replaceOrAdd(name: "Sec-WebSocket-Protocol", value: subprotocol) }
            return headers
        }
    }

    /// What a client's handshake must have, besides the key and the version that NIO checks.
    private static func isUpgrade(_ head: HTTPRequestHead) -> Bool {
        let headers = head.headers
        guard head.method == .GET, head.version == .http1_1, headers["host"].count == 1 else { return false }
        // A body would be taken for frames.
        guard headers["transfer-encoding"].isEmpty, headers["content-length"].allSatisfy({ $0 == "0" }) else {
            return false
        }
        guard headers["upgrade"].count == 1, headers["upgrade"].first?.lowercased() == "websocket" else { return false }
        let keys = headers["sec-websocket-key"]
        return keys.count == 1 && keys.allSatisfy(isKey)
    }

    /// 16 bytes in base64 are 24 characters, of which the last two are padding.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [UInt8(ascii: "="), UInt8(ascii: "=")] else { return false }
        return bytes.dropLast(2).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        guard case (let head, .upgrade(let subprotocol, let handler))? = decision.withLock({ $0 }) else {
            return channel.eventLoop.makeFailedFuture(Refused())
        }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(WebSocketHandler(limits: limits, isServer: true))
            let wrapped = try NIOAsyncChannel<WebSocketMessage, WebSocketOutput>(wrappingChannelSynchronously: channel)
            return .webSocket(wrapped, head, subprotocol: subprotocol, handler: handler)
        }
    }
}
