internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Opens WebSockets as a client (RFC 6455, section 4.1).
package enum WebSocketClient {
    /// Why there is no WebSocket.
    package enum Failure: Error, Sendable, CustomStringConvertible {
        /// The server answered with this status instead of the upgrade.
        case refused(status: Int)

        package var description: String {
            switch self {
            case .refused(let status): "the server answered \(status) and did not upgrade"
            }
        }
    }

    /// Where to connect to.
    package struct Target: Sendable {
        package var host: String
        package var port: Int
        package var path: String
        package var isTLS: Bool

        /// The value of the `Host` header.
        var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

        package init(host: String, port: Int, path: String, isTLS: Bool) {
            self.host = host
            self.port = port
            self.path = path
            self.isTLS = isTLS
        }
    }

    /// Connects, and passes the socket to a closure; the socket is closed when the closure returns or throws.
    ///
    /// - Parameter limits: determine whether compression is offered.
    package static func withConnection<Value: Sendable>(
        to target: Target, headers: [(String, String)] = [], subprotocols: [String] = [],
        limits: WebSocketLimits = WebSocketLimits(), _ body: @Sendable (WebSocket) async throws -> Value
    ) async throws -> Value {
        let key = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        var fields = HTTPHeaders([("Host", target.authority), ("Content-Length", "0")])
        for (name, value) in headers { fields.add(name: name, value: value) }
        if !subprotocols.isEmpty {
            fields.add(name: "Sec-WebSocket-Protocol", value: subprotocols.joined(separator: ", "))
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path, headers: fields)
        let tls = try ClientTLS(target)
        let upgrading = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .connect(host: target.host, port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try tls?.add(to: pipeline)
                    return try pipeline.configureUpgradableHTTPClientPipeline(
                        configuration: NIOUpgradableHTTPClientPipelineConfiguration(
                            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                                upgradeRequestHead: head,
                                upgraders: [ClientUpgrade(key: key, limits: limits)],
                                notUpgradingCompletionHandler: { channel in
                                    channel.eventLoop.makeCompletedFuture {
                                        try channel.pipeline.syncOperations.addHandler(RefusedAnswer())
                                        return .refused(
                                            try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                                    }
                                })))
                }
            }
        switch try await upgrading.get() {
        case .refused(let channel):
            let status = try await channel.executeThenClose { inbound, _ in
                for try await status in inbound { return status }
                return 0
            }
            throw Failure.refused(status: status)
        case .upgraded(let channel, let subprotocol):
            return try await channel.executeThenClose { inbound, outbound in
                let socket = WebSocket(
                    subprotocol: subprotocol, channel: channel.channel, inbound: inbound, outbound: outbound)
                do {
                    let value = try await body(socket)
                    await socket.close(.normal)
                    return value
                } catch {
                    await socket.close(.normal)
                    throw error
                }
            }
        }
    }
}

/// The outcome of a client's request.
enum ClientOutcome: Sendable {
    case upgraded(NIOAsyncChannel<WebSocketMessage, WebSocketOutput>, subprotocol: String?)
    case refused(NIOAsyncChannel<Int, Never>)
}

/// The client's side of the handshake.
final class ClientUpgrade: NIOTypedHTTPClientProtocolUpgrader, Sendable {
    typealias UpgradeResult = ClientOutcome

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    private let key: String
    private let limits: WebSocketLimits

    init(key: String, limits: WebSocketLimits) {
        self.key = key
        self.limits = limits
    }

    func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {
        upgradeRequestHeaders.replaceOrAdd(name: "Sec-WebSocket-Version", value: "13")
        upgradeRequestHeaders.replaceOrAdd(name: "Sec-WebSocket-Key", value: key)
        if limits.compresses {
            upgradeRequestHeaders.replaceOrAdd(name: "Sec-WebSocket-Extensions", value: PermessageDeflate.offer)
        }
    }

    func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool {
        // An answer that accepts something that was not offered is refused.
        do { _ = try deflate(upgradeResponse) } catch { return false }
        return upgradeResponse.headers["sec-websocket-accept"] == [WebSocketHandshake.accept(key)]
    }

    /// The negotiated compression; nil for none.
    private func deflate(_ response: HTTPResponseHead) throws -> PermessageDeflate? {
        try PermessageDeflate.check(response.headers["sec-websocket-extensions"], offered: limits.compresses)
    }

    func upgrade(channel: any Channel, upgradeResponse: HTTPResponseHead) -> EventLoopFuture<ClientOutcome> {
        channel.eventLoop.makeCompletedFuture {
            let deflate = try deflate(upgradeResponse)
            try channel.pipeline.syncOperations.addHandler(
                WebSocketHandler(limits: limits, isServer: false, deflate: deflate))
            return .upgraded(
                try NIOAsyncChannel(wrappingChannelSynchronously: channel),
                subprotocol: upgradeResponse.headers.first(name: "sec-websocket-protocol"))
        }
    }
}

/// Reads the status of a response that is no upgrade.
private final class RefusedAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = Int

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            context.fireChannelRead(wrapInboundOut(Int(head.status.code)))
        }
    }
}
