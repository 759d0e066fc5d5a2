internal import APIFormat
internal import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import Synchronization
internal import WebSockets

/// One WebSocket of this API: receives messages, follows runs, sends their events. Ends with the socket. Runs on the
/// socket's event loop.
///
/// Each followed run has a task of its own that sends its events; a send waits while the peer reads slowly, and that
/// slows the program down, through the lossless subscription.
final class SocketSession: Sendable {
    static let json = "nestbox.v1.json"
    static let binary = "nestbox.v1.binary"

    /// Nanoseconds of silence after which the peer gets a heartbeat.
    private static let heartbeat: Int64 = 15_000_000_000

    /// A run this socket follows.
    struct FollowedRun: Sendable {
        let record: RunRecord
        let subscription: Subscription
        /// Nil for observers.
        let attachment: RunAttachment?
    }

    let services: RunAPIServices
    let request: SocketRequest
    /// Whether output and input go in binary frames.
    let isBinary: Bool
    let followed = Mutex<[RunID: FollowedRun]>([:])
    private let lastSent: Mutex<Int64>
    private let messageRate: RateLimiter

    var caller: Caller { request.caller }

    init(services: RunAPIServices, request: SocketRequest) {
        self.services = services
        self.request = request
        isBinary = request.subprotocol == Self.binary
        lastSent = Mutex(monotonicNow())
        let rate = services.settings.messagesPerSecond
        messageRate = RateLimiter(perMinute: rate * 60, burst: rate * 2)
    }

    /// Serves the socket to its end.
    func run() async {
        let part = services.socketExtension?.open(
            SocketHost(request: request) { [weak self] lines in await self?.send(lines) ?? false })
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sendHeartbeats() }
            await receive(part, &group)
            part?.close()
            for run in followed.withLock({ Array($0.values) }) { end(run) }
            group.cancelAll()
        }
    }

    private func receive(_ part: (any SocketPart)?, _ group: inout DiscardingTaskGroup) async {
        for await message in request.socket.messages {
            guard messageRate.take("", now: monotonicNow()).isAllowed else {
                await request.socket.close(.policyViolation, reason: "too many messages")
                return
            }
            switch message {
            case .text(let text): await handle(Array(text.utf8), part, &group)
            case .binary(let buffer):
                guard isBinary else {
                    await request.socket.close(.unsupportedData, reason: "binary frames need nestbox.v1.binary")
                    return
                }
                await handle(binary: Array(buffer: buffer))
            }
        }
    }

    // MARK: - Out

    /// Starts a task that sends a run's events until its last one.
    ///
    /// - Parameter answer: sent before them.
    func follow(_ run: FollowedRun, ref: String?, after answer: [UInt8]?, _ group: inout DiscardingTaskGroup) {
        followed.withLock { $0[run.record.id] = run }
        group.addTask {
            if let answer { await self.send(answer) }
            await self.sendEvents(of: run, ref: ref)
            self.followed.withLock { followed in
                if followed[run.record.id]?.subscription === run.subscription { followed[run.record.id] = nil }
            }
            self.end(run)
        }
    }

    private func end(_ run: FollowedRun) {
        run.subscription.cancel()
        run.attachment?.release()
    }

    private func sendEvents(of run: FollowedRun, ref: String?) async {
        while true {
            switch await run.subscription.next() {
            case .ended: return
            case .quiet: continue
            case .lagged(let from, let to):
                let line = ServerMessage.lagged(runID: run.record.id, from: from, to: to).line
                guard await send(line) else { return }
            case .events(let events):
                // Events that are there together go out by one write.
                let messages = events.map { message($0, ref: ref) }
                guard await send({ try await self.request.socket.send(contentsOf: messages) }) else { return }
            }
        }
    }

    private func message(_ event: RunEvent, ref: String?) -> WebSocketOutput {
        guard case .output(let stream, let text) = event.kind else { return .text(ByteBuffer(line: event, ref: ref)) }
        services.metrics.outputBytes.add(Double(text.bytes.count), ["websocket"])
        guard isBinary else { return .text(ByteBuffer(line: event)) }
        return .binary(
            ByteBuffer(
                BinaryFrame(
                    channel: stream == .stdout ? .stdout : .stderr, runID: event.runID, sequence: event.sequence,
                    payload: text.bytes)))
    }

    @discardableResult
    func send(_ line: [UInt8]) async -> Bool {
        await send { try await self.request.socket.send(text: ByteBuffer(bytes: line)) }
    }

    /// Sends lines by one write.
    private func send(_ lines: [[UInt8]]) async -> Bool {
        let messages = lines.map { WebSocketOutput.text(ByteBuffer(bytes: $0)) }
        return await send { try await self.request.socket.send(contentsOf: messages) }
    }

    /// - Returns: whether the socket is still open.
    private func send(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            lastSent.withLock { $0 = monotonicNow() }
            return true
        } catch {
            return false
        }
    }

    func send(_ error: APIError, ref: String?, runID: RunID?) async {
        services.httpMetrics.failed(error.code.rawValue)
        await send(ServerMessage.failed(error, ref: ref, runID: runID).line)
    }

    /// Sends a heartbeat when nothing else was sent.
    private func sendHeartbeats() async {
        while !Task.isCancelled {
            let silence = monotonicNow() - lastSent.withLock { $0 }
            if silence >= Self.heartbeat {
                // A socket that takes nothing any more ends this: otherwise it would try again without a pause, on the thread of
                // the connection, which then never learns that it has ended.
                guard await send(ServerMessage.heartbeat.line) else { return }
                continue
            }
            do { try await Task.sleep(nanoseconds: UInt64(max(Self.heartbeat - silence, 1_000_000))) } catch { return }
        }
    }
}
