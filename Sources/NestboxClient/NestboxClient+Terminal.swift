internal import NIOCore
internal import RunModel
package import SandboxSpec
package import StrictJSON
internal import WebSockets

/// What is done with a terminal of a workspace, besides typing.
package enum TerminalInput: Sendable {
    case bytes([UInt8])
    case size(TerminalSize)
}

extension NestboxClient {
    /// Connects to a process of a workspace, and stays until that has ended.
    ///
    /// - Parameters:
    ///   - workspace: its id.
    ///   - process: its id or name.
    ///   - input: what is typed, and sizes; its end ends nothing.
    ///   - onBytes: what the process writes, as it comes.
    /// - Returns: the message that says how it ended; nil when the connection was closed without one.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func terminal(
        of workspace: String, process: String, input: AsyncStream<TerminalInput>,
        onBytes: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> JSONObject? {
        var target = target
        target.path = "/api/v1/workspaces/\(workspace)/processes/\(process)/socket"
        var subprotocols = ["nestbox.terminal.v1"]
        if let key { subprotocols.append("nestbox.key.\(key)") }
        do {
            return try await WebSocketClient.withConnection(to: target, subprotocols: subprotocols) { socket in
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for await item in input {
                            switch item {
                            case .bytes(let bytes): try await socket.send(binary: ByteBuffer(bytes: bytes))
                            case .size(let size): try await socket.send(text: ByteBuffer(bytes: Self.resize(size)))
                            }
                        }
                    }
                    defer { group.cancelAll() }
                    return await Self.receive(socket, onBytes)
                }
            }
        } catch let error as WebSocketClient.Failure {
            throw NestboxError(refused: error)
        } catch let error as NestboxError {
            throw error
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target), retryable: true, details: [:])
        }
    }

    private static func receive(
        _ socket: WebSocket, _ onBytes: @Sendable ([UInt8]) -> Void
    ) async -> JSONObject? {
        var end: JSONObject?
        for await message in socket.messages {
            switch message {
            case .binary(let buffer): onBytes(Array(buffer.readableBytesView))
            case .text(let text):
                let limits = JSONLimits(bytes: 1 << 20)
                guard let object = try? ObjectReader.object(Array(text.utf8), limits: limits) else { continue }
                if object["type"] == .string("exit") { end = object }
            }
        }
        return end
    }

    private static func resize(_ size: TerminalSize) -> [UInt8] {
        Array(#"{"type":"resize","rows":\#(size.rows),"columns":\#(size.columns)}"#.utf8)
    }
}
