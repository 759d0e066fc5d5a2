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
                switch object["type"] {
                case .string("exit")?: end = object
                // What was typed may not have arrived.
                case .string("error")?:
                    if case .string(let message)? = object["message"] {
                        onBytes(Array("\r\nnestbox: \(message)\r\n".utf8))
                    }
                default: break
                }
            }
        }
        return end
    }

    private static func resize(_ size: TerminalSize) -> [UInt8] {
        Array(#"{"type":"resize","rows":\#(size.rows),"columns":\#(size.columns)}"#.utf8)
    }
}

extension NestboxClient {
    /// Connects to a port of a workspace, and passes bytes on until either side ends.
    ///
    /// - Parameters:
    ///   - workspace: its id.
    ///   - read: the next bytes for the port; nil or none when there are no more. Called again when they have gone.
    ///   - write: what comes from it, as it comes; false ends the connection.
    ///   - ended: called when nothing more comes from it: whoever waits in `read` is to return.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func connect(
        to port: UInt16, of workspace: String, read: @escaping @Sendable () async -> [UInt8]?,
        write: @escaping @Sendable ([UInt8]) async -> Bool, ended: @escaping @Sendable () -> Void
    ) async throws {
        var target = target
        target.path = "/api/v1/workspaces/\(workspace)/ports/\(port)/socket"
        var subprotocols = ["nestbox.port.v1"]
        if let key { subprotocols.append("nestbox.key.\(key)") }
        do {
            try await WebSocketClient.withConnection(to: target, subprotocols: subprotocols) { socket in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while let bytes = await read(), !bytes.isEmpty {
                            do { try await socket.send(binary: ByteBuffer(bytes: bytes)) } catch { return }
                        }
                        // A socket that is gone is noticed by its reader.
                        try? await socket.send(text: #"{"type":"end"}"#)
                    }
                    receiving: for await message in socket.messages {
                        switch message {
                        case .binary(let buffer):
                            guard await write(Array(buffer.readableBytesView)) else { break receiving }
                        // Nothing more comes from the port.
                        case .text: break receiving
                        }
                    }
                    ended()
                    group.cancelAll()
                }
            }
        } catch let error as WebSocketClient.Failure {
            throw NestboxError(refused: error)
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target), retryable: true, details: [:])
        }
    }
}
