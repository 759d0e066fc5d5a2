internal import APIFormat
internal import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import NIOPosix
internal import RunModel
internal import StrictJSON
internal import WebSockets
internal import WorkspaceModel
internal import WorkspaceService

/// A connection to a port of a workspace over a WebSocket: bytes both ways in binary frames. `{"type": "end"}` in a text frame, from either
/// side, says that no more come from there. A side that is slow holds the other one up.
struct PortSocket: Sendable {
    static let subprotocol = "nestbox.port.v1"

    /// How long a client may stay after the program has ended the connection, or the workspace has.
    private static let lingers: Duration = .seconds(10)

    let services: WorkspaceAPIServices

    /// Serves a socket to its end.
    func serve(_ request: SocketRequest) async {
        do throws(APIError) {
            let (workspace, port) = try find(request)
            try workspace.enterPort()
            defer { workspace.leavePort() }
            guard let connection = try await workspace.dial(port) else {
                throw APIError(.invalidRequest, "nothing listens on port \(port) of the workspace", retryable: true)
            }
            try await relay(connection, request.socket)
        } catch {
            services.httpMetrics.failed(error.code.rawValue)
            await request.socket.close(.policyViolation, reason: "\(error.code.rawValue): \(error.message)")
        }
    }

    private func find(_ request: SocketRequest) throws(APIError) -> (Workspace, UInt16) {
        guard request.query?.isEmpty == true else {
            throw APIError(.invalidRequest, "the query is invalid: allowed is none")
        }
        guard let id = request.parameters.first.flatMap({ WorkspaceID($0) }) else {
            throw APIError(.workspaceNotFound, "there is no such workspace")
        }
        let workspace = try services.workspaces.find(id, owner: request.caller.owner)
        let text = request.parameters.count > 1 ? request.parameters[1] : ""
        guard let port = UInt16(text), port > 0, String(port) == text else {
            throw APIError(.invalidRequest, "port: found \"\(text.prefix(16))\", allowed is 1 to 65535")
        }
        return (workspace, port)
    }

    private func relay(_ connection: SharedDescriptor, _ socket: WebSocket) async throws(APIError) {
        guard let descriptor = connection.take()?.release() else {
            throw APIError(.internalError, "the connection is gone")
        }
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .withConnectedSocket(descriptor) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                }
            try await channel.executeThenClose { inbound, outbound in
                await withDiscardingTaskGroup { group in
                    group.addTask { await Self.send(inbound, to: socket) }
                    await Self.receive(socket, outbound)
                    // The client has gone, or is gone: what the program still says is for nobody.
                    group.cancelAll()
                }
            }
        } catch {
            // The program has ended the connection; so does its client's.
            await socket.close(.normal, reason: "the connection has ended")
        }
    }

    private static func send(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, to socket: WebSocket) async {
        do {
            for try await bytes in inbound { try await socket.send(binary: bytes) }
            try await socket.send(text: #"{"type":"end"}"#)
            try await Task.sleep(for: lingers)
            await socket.close(.normal, reason: "the connection has ended")
        } catch {
            await socket.close(.normal, reason: "the connection has ended")
        }
    }

    private static func receive(_ socket: WebSocket, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async {
        for await message in socket.messages {
            switch message {
            case .binary(let bytes):
                do { try await outbound.write(bytes) } catch {
                    return await socket.close(.normal, reason: "the connection has ended")
                }
            case .text(let text):
                let object = try? ObjectReader.object(Array(text.utf8), limits: JSONLimits(bytes: 4096))
                guard object?["type"] == .string("end") else {
                    return await socket.close(.unsupportedData, reason: #"bytes are binary; a text is {"type": "end"}"#)
                }
                outbound.finish()
            }
        }
    }
}
