internal import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import RunExecution
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import WebSockets

/// One client's connection to its terminal. Any number may look at the same one, and type.
struct TerminalSocket: Sendable {
    /// Bytes that are typed at once; longer input is typed in pieces.
    private static let piece = 4096
    /// How long the program may take to read what was typed, in milliseconds; then the client is cut off.
    private static let patience = 10_000

    let services: JupyterServices
    let socket: WebSocket
    let record: RunRecord

    static func serve(_ request: SocketRequest, _ services: JupyterServices) async {
        let terminal: TerminalRegistry.Terminal
        do throws(APIError) {
            terminal = try services.terminals.find(request.parameters.first ?? "", owner: request.caller.owner)
        } catch {
            services.httpMetrics.failed(error.code.rawValue)
            return await request.socket.close(WebSocketCloseCode(rawValue: 4404), reason: error.message)
        }
        await TerminalSocket(services: services, socket: request.socket, record: terminal.record).run()
    }

    private func run() async {
        let subscription = record.log.subscribe(lossless: true)
        await withDiscardingTaskGroup { group in
            group.addTask {
                await send(subscription)
                await socket.close(.normal, reason: "the terminal has ended")
            }
            await receive()
            subscription.cancel()
            group.cancelAll()
        }
    }

    private func send(_ subscription: Subscription) async {
        guard await send([TerminalMessage.setup]) else { return }
        while true {
            var lines: [[UInt8]] = []
            switch await subscription.next() {
            case .ended: return
            case .quiet: continue
            case .lagged: lines = [TerminalMessage.output("\r\nnestbox: output is lost here\r\n")]
            case .events(let events): lines = events.flatMap { Self.lines($0.kind) }
            }
            let isOpen = lines.isEmpty ? true : await send(lines)
            guard isOpen else { return }
        }
    }

    private static func lines(_ event: RunEvent.Kind) -> [[UInt8]] {
        switch event {
        case .output(_, let text): [TerminalMessage.output(text.lossyText)]
        case .error(let error): [TerminalMessage.output("\r\nnestbox: \(error.message)\r\n")]
        case .finished(let outcome):
            [
                TerminalMessage.output("\r\nnestbox: the terminal has ended (\(outcome.verdict.rawValue))\r\n"),
                TerminalMessage.disconnect,
            ]
        case .accepted, .queued, .started, .resource, .warning, .inputRequest: []
        }
    }

    /// - Returns: whether the socket is still open.
    private func send(_ lines: [[UInt8]]) async -> Bool {
        do {
            try await socket.send(contentsOf: lines.map { .text(ByteBuffer(bytes: $0)) })
            return true
        } catch {
            return false
        }
    }

    private func receive() async {
        let rate = RateLimiter(
            perMinute: services.settings.messagesPerSecond * 60, burst: services.settings.messagesPerSecond * 2)
        for await message in socket.messages {
            guard rate.take("", now: monotonicNow()).isAllowed else {
                return await socket.close(.policyViolation, reason: "too many messages")
            }
            guard case .text(let text) = message else {
                return await socket.close(.unsupportedData, reason: "messages are JSON text")
            }
            do throws(MessageError) {
                switch try TerminalMessage(Array(text.utf8), limit: services.settings.maximumBody) {
                case .input(let bytes):
                    guard await type(bytes) else {
                        return await socket.close(.policyViolation, reason: "the program does not read its input")
                    }
                case .resize(let size): record.control.resize(size)
                case .ignored: break
                }
            } catch {
                return await socket.close(.invalidData, reason: error.description)
            }
        }
    }

    /// Types in pieces that the program has room for.
    ///
    /// - Returns: false when it has had none for too long.
    private func type(_ bytes: [UInt8]) async -> Bool {
        var rest = bytes[...]
        var waited = 0
        while !rest.isEmpty {
            do throws(APIError) {
                try record.type(Array(rest.prefix(Self.piece)), end: false)
                rest = rest.dropFirst(Self.piece)
            } catch {
                // What is typed into a terminal that has ended goes nowhere.
                guard error.code == .inputBufferFull else { return true }
                guard waited < Self.patience else { return false }
                waited += 20
                do { try await Task.sleep(for: .milliseconds(20)) } catch { return true }
            }
        }
        return true
    }
}
