internal import APIFormat
internal import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import SandboxSpec
internal import StrictJSON
internal import WebSockets
internal import WorkspaceModel
internal import WorkspaceService

/// One process over a WebSocket: its bytes both ways in binary frames, everything else as JSON in text frames. Ends with the process.
struct ProcessSocket: Sendable {
    static let subprotocol = "nestbox.terminal.v1"

    /// What of its output is sent again to whoever comes later.
    private static let replay = 65_536
    /// Bytes of one message of a client.
    private static let maximumMessage = 1_048_576

    let services: WorkspaceAPIServices

    /// Serves a socket to its end.
    func serve(_ request: SocketRequest) async {
        let (workspace, process): (Workspace, WorkspaceProcess)
        let from: Int64?
        do throws(APIError) {
            guard let id = request.parameters.first.flatMap({ WorkspaceID($0) }) else {
                throw APIError(.workspaceNotFound, "there is no such workspace")
            }
            workspace = try services.workspaces.find(id, owner: request.caller.owner)
            process = try workspace.process(request.parameters.count > 1 ? request.parameters[1] : "")
            from = try Self.first(request.query)
        } catch {
            await fail(error, request.socket)
            return await request.socket.close(.policyViolation, reason: error.code.rawValue)
        }
        let reader = LogReader(process.log, from: from ?? process.log.start(ofLast: Self.replay))
        await withDiscardingTaskGroup { group in
            group.addTask {
                await send(reader, to: request.socket)
                await request.socket.close(.normal, reason: "the process has ended")
            }
            await receive(request.socket, workspace, process)
            reader.cancel()
            group.cancelAll()
        }
    }

    private static func first(_ query: [String: String]?) throws(APIError) -> Int64? {
        guard let query, query.keys.allSatisfy({ $0 == "from" }) else {
            throw APIError(.invalidRequest, "the query is invalid: allowed is from")
        }
        guard let text = query["from"] else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw APIError(.invalidRequest, "query parameter from: allowed is the number of an entry")
        }
        return number
    }

    private func fail(_ error: APIError, _ socket: WebSocket) async {
        services.httpMetrics.failed(error.code.rawValue)
        var output = JSONBytes(size: 256)
        output.open()
        output.member("type", "error")
        output.member("code", error.code.rawValue)
        output.member("message", error.message)
        output.close()
        // A socket that is gone is noticed by its reader.
        try? await socket.send(text: ByteBuffer(bytes: output.bytes))
    }

    // MARK: - Out

    private func send(_ reader: LogReader<ProcessLogEntry>, to socket: WebSocket) async {
        while true {
            switch await reader.next() {
            case .ended: return
            case .quiet: continue
            case .lagged(let from, let to):
                guard await tell("{\"from\":\(from),\"to\":\(to),\"type\":\"lagged\"}", socket) else { return }
            case .entries(let first, let entries):
                for (index, entry) in entries.enumerated() {
                    guard await send(entry, number: first + Int64(index), to: socket) else { return }
                    if case .exit(let report) = entry, report.isOver { return }
                }
            }
        }
    }

    private func send(_ entry: ProcessLogEntry, number: Int64, to socket: WebSocket) async -> Bool {
        if case .output(_, let bytes) = entry {
            do { try await socket.send(binary: ByteBuffer(bytes: bytes)) } catch { return false }
            return true
        }
        var output = JSONBytes(size: 256)
        entry.write(to: &output, number: number)
        return await tell(String(decoding: output.bytes, as: UTF8.self), socket)
    }

    private func tell(_ text: String, _ socket: WebSocket) async -> Bool {
        do { try await socket.send(text: text) } catch { return false }
        return true
    }

    // MARK: - In

    private func receive(_ socket: WebSocket, _ workspace: Workspace, _ process: WorkspaceProcess) async {
        let perSecond = services.settings.messagesPerSecond
        let rate = RateLimiter(perMinute: perSecond * 60, burst: perSecond * 2)
        for await message in socket.messages {
            guard rate.take("", now: monotonicNow()).isAllowed else {
                return await socket.close(.policyViolation, reason: "too many messages")
            }
            do throws(APIError) {
                switch message {
                case .binary(let bytes):
                    guard bytes.readableBytes <= Self.maximumMessage else {
                        throw APIError(.bodyTooLarge, "a message has at most \(Self.maximumMessage) bytes")
                    }
                    try await workspace.write(Array(bytes.readableBytesView), to: process, ends: false)
                case .text(let text): try await handle(Array(text.utf8), workspace, process)
                }
            } catch {
                await fail(error, socket)
            }
        }
    }

    private func handle(_ text: [UInt8], _ workspace: Workspace, _ process: WorkspaceProcess) async throws(APIError) {
        enum Kind: String, CaseIterable { case resize, signal, end }
        let reader = ObjectReader(try ObjectReader.object(text, limits: JSONLimits(bytes: 4096)))
        let kind: Kind? = reader.choice("type")
        switch kind {
        case .resize:
            let size = reader.terminalSize()
            try reader.finish()
            if let size { try await workspace.resize(size, process) }
        case .signal:
            let number = reader.signal()
            try reader.finish()
            if let number { try await workspace.signal(number, process) }
        case .end:
            try reader.finish()
            try await workspace.write([], to: process, ends: true)
        case nil:
            reader.complain("type", "is missing or unknown, expected is resize, signal or end")
            try reader.finish()
        }
    }
}
