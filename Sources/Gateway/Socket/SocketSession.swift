internal import LinuxSystem
internal import Logging
internal import NIOCore
internal import RunExecution
internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import StrictJSON
internal import Synchronization
internal import WebSockets

/// One WebSocket: takes messages, follows runs, tells their events. Ends with the socket.
///
/// Each followed run has a task of its own that sends its events; a send waits while the peer reads slowly, and that is
/// what slows the program down, through the patient subscription.
final class SocketSession: Sendable {
    /// A message of more bytes is taken apart outside the socket's event loop.
    private static let longMessage = 32_768
    /// Nanoseconds of silence after which the peer gets a heartbeat.
    private static let heartbeat: Int64 = 15_000_000_000

    /// A run this socket follows.
    struct Following: Sendable {
        let record: RunRecord
        let subscription: Subscription
        /// Nil for observers.
        let hold: RunHold?
    }

    let services: GatewayServices
    let caller: Caller
    private let perMinute: Int?
    let socket: WebSocket
    let isBinary: Bool
    /// Names the request that opened it in logs; runs submitted here are joined by it.
    let id: String
    private let followed = Mutex<[RunID: Following]>([:])
    private let lastSent: Mutex<Int64>
    private let messageRate: RateLimiter

    init(services: GatewayServices, caller: Caller, perMinute: Int?, socket: WebSocket, isBinary: Bool, id: String) {
        self.services = services
        self.caller = caller
        self.perMinute = perMinute
        self.socket = socket
        self.isBinary = isBinary
        self.id = id
        lastSent = Mutex(monotonicNow())
        let rate = services.settings.messagesPerSecond
        messageRate = RateLimiter(perMinute: rate * 60, burst: rate * 2)
    }

    func run() async {
        let number = services.sockets.add(socket)
        services.metrics.sockets.add(1, [])
        let start = monotonicNow()
        record("websocket opened")
        await withDiscardingTaskGroup { group in
            group.addTask { await self.beat() }
            await listen(&group)
            for following in followed.withLock({ Array($0.values) }) { end(following) }
            group.cancelAll()
        }
        services.metrics.sockets.add(-1, [])
        services.sockets.remove(number)
        record("websocket closed", ["duration_ms": .stringConvertible((monotonicNow() - start) / 1_000_000)])
    }

    private func record(_ message: Logger.Message, _ more: Logger.Metadata = [:]) {
        let metadata: Logger.Metadata = ["address": "\(caller.address)", "request_id": "\(id)"]
        services.accessLogger?.info(message, metadata: metadata.merging(more) { first, _ in first })
    }

    private func listen(_ group: inout DiscardingTaskGroup) async {
        for await message in socket.messages {
            guard messageRate.take("", now: monotonicNow()).isAllowed else {
                await socket.close(.policyViolation, reason: "too many messages")
                return
            }
            switch message {
            case .text(let text): await take(Array(text.utf8), &group)
            case .binary(let buffer):
                guard isBinary else {
                    await socket.close(.unsupportedData, reason: "binary frames need nestbox.v1.binary")
                    return
                }
                await take(Array(buffer: buffer))
            }
        }
    }

    private func take(_ bytes: [UInt8], _ group: inout DiscardingTaskGroup) async {
        let message: ClientMessage
        do throws(ClientMessage.Failure) {
            message = try await parse(bytes)
        } catch {
            services.metrics.messages.add(1, ["invalid"])
            await complain(error.error, ref: error.ref, runID: nil)
            return
        }
        services.metrics.messages.add(1, [message.kind.name])
        do throws(APIError) {
            guard let answer = try await perform(message, &group) else { return }
            await send(answer)
        } catch {
            await complain(error, ref: message.ref, runID: message.kind.runID)
        }
    }

    private func parse(_ bytes: [UInt8]) async throws(ClientMessage.Failure) -> ClientMessage {
        let limits = JSONLimits(bytes: services.settings.maximumMessage)
        guard bytes.count > Self.longMessage else { return try ClientMessage.parse(bytes, limits: limits) }
        let result = await withTaskExecutorPreference(globalConcurrentExecutor) {
            Result { () throws(ClientMessage.Failure) in try ClientMessage.parse(bytes, limits: limits) }
        }
        return try result.get()
    }

    /// Input of a program, in a frame of its own.
    private func take(_ bytes: [UInt8]) async {
        services.metrics.messages.add(1, ["binary_stdin"])
        guard let frame = BinaryFrame(decoding: bytes), frame.channel == .stdin, frame.sequence == 0 else {
            await complain(
                APIError(.invalidRequest, "a binary frame is channel 0, 16 bytes run id, 8 bytes 0, then the input"),
                ref: nil, runID: nil)
            return
        }
        do throws(APIError) {
            try controlled(frame.runID).type(frame.payload, end: frame.payload.isEmpty)
        } catch {
            await complain(error, ref: nil, runID: frame.runID)
        }
    }

    /// Does what a message asks for.
    ///
    /// - Returns: the answer, where one is due at once.
    private func perform(
        _ message: ClientMessage, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) -> [UInt8]? {
        switch message.kind {
        case .execute(let submission): try await execute(submission, message.ref, &group)
        case .attach(let id, let from, let mode):
            return try attach(id, from: from, mode: mode, message.ref, &group)
        case .detach(let id):
            guard let following = followed.withLock({ $0.removeValue(forKey: id) }) else { throw notFollowed(id) }
            // Letting go on purpose is no disconnect.
            following.hold?.abandon()
            following.subscription.cancel()
            return ServerMessage.detached(runID: id, ref: message.ref).line
        case .stdin(let id, let data, let end): try controlled(id).type(data, end: end)
        case .inputResponse(let id, let token, let data, let end):
            try controlled(id).type(data, end: end, token: token)
        case .signal(let id, let number): try running(id).control.signal(number)
        case .resize(let id, let size): try running(id).control.resize(size)
        case .cancel(let id): services.runs.cancel(try controlled(id))
        case .ping: return ServerMessage.pong(ref: message.ref).line
        }
        return nil
    }

    private func execute(
        _ submission: Submission, _ ref: String?, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) {
        guard services.doors.rates.take(caller.bucket, now: monotonicNow(), perMinute: perMinute).isAllowed else {
            throw APIError(.rateLimited, "too many requests", retryable: true)
        }
        try checkRoom()
        let record = try await services.runs.submit(
            submission, owner: caller.owner, client: caller.client,
            origin: RunOrigin(address: caller.address, requestID: id), concurrent: caller.concurrent,
            isConnected: true, interactiveByDefault: true)
        follow(
            Following(
                record: record, subscription: record.log.subscribe(patient: true),
                hold: RunHold(record, services.runs)), ref: ref, after: nil, &group)
    }

    private func attach(
        _ id: RunID, from: Int64, mode: AttachMode, _ ref: String?, _ group: inout DiscardingTaskGroup
    ) throws(APIError) -> [UInt8]? {
        let record = try services.runs.record(id, owner: caller.owner)
        guard followed.withLock({ $0[id] }) == nil else {
            throw APIError(.invalidRequest, "this socket follows that run already; detach first")
        }
        try checkRoom()
        let isPatient = mode == .control && record.phase != .finished
        let following = Following(
            record: record, subscription: record.log.subscribe(from: from, patient: isPatient),
            hold: isPatient ? RunHold(record, services.runs) : nil)
        let answer = ServerMessage.attached(
            runID: id, state: record.phase, nextSequence: record.log.extent.next, mode: mode, ref: ref
        ).line
        follow(following, ref: nil, after: answer, &group)
        return nil
    }

    private func checkRoom() throws(APIError) {
        guard followed.withLock({ $0.count }) < services.settings.maximumRunsPerSocket else {
            throw APIError(
                .tooManyRuns, "one socket follows at most \(services.settings.maximumRunsPerSocket) runs",
                retryable: true)
        }
    }

    private func notFollowed(_ id: RunID) -> APIError {
        APIError(.runNotFound, "this socket does not follow a run \(id)")
    }

    /// A run this socket may act on.
    private func controlled(_ id: RunID) throws(APIError) -> RunRecord {
        guard let following = followed.withLock({ $0[id] }) else {
            let record = try services.runs.record(id, owner: caller.owner)
            throw record.phase == .finished
                ? APIError(.runFinished, "the run has finished") : notFollowed(id)
        }
        guard following.hold != nil else { throw APIError(.readOnly, "this socket only observes that run") }
        return following.record
    }

    private func running(_ id: RunID) throws(APIError) -> RunRecord {
        let record = try controlled(id)
        guard record.phase != .finished else { throw APIError(.runFinished, "the run has finished") }
        return record
    }

    private func follow(
        _ following: Following, ref: String?, after answer: [UInt8]?, _ group: inout DiscardingTaskGroup
    ) {
        followed.withLock { $0[following.record.id] = following }
        group.addTask {
            if let answer { await self.send(answer) }
            await self.tell(following, ref: ref)
            self.followed.withLock { followed in
                if followed[following.record.id]?.subscription === following.subscription {
                    followed[following.record.id] = nil
                }
            }
            self.end(following)
        }
    }

    private func end(_ following: Following) {
        following.subscription.cancel()
        following.hold?.release()
    }

    /// Sends a run's events until its last one.
    private func tell(_ following: Following, ref: String?) async {
        while true {
            switch await following.subscription.next() {
            case .ended: return
            case .quiet: continue
            case .lagged(let from, let to):
                let line = ServerMessage.lagged(runID: following.record.id, from: from, to: to).line
                guard await send(line) else { return }
            case .events(let events):
                for event in events { guard await send(event, ref: ref) else { return } }
            }
        }
    }

    private func send(_ event: RunEvent, ref: String?) async -> Bool {
        guard case .output(let stream, let text) = event.kind else { return await send(event.line(ref: ref)) }
        services.metrics.outputBytes.add(Double(text.bytes.count), ["websocket"])
        guard isBinary else { return await send(event.line()) }
        let frame = BinaryFrame(
            channel: stream == .stdout ? .stdout : .stderr, runID: event.runID, sequence: event.sequence,
            payload: text.bytes)
        return await send { try await self.socket.send(binary: ByteBuffer(bytes: frame.encoded)) }
    }

    @discardableResult
    private func send(_ line: [UInt8]) async -> Bool {
        await send { try await self.socket.send(text: ByteBuffer(bytes: line)) }
    }

    /// - Returns: whether the socket is still there.
    private func send(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            lastSent.withLock { $0 = monotonicNow() }
            return true
        } catch {
            return false
        }
    }

    private func complain(_ error: APIError, ref: String?, runID: RunID?) async {
        services.metrics.failed(error.code)
        await send(ServerMessage.failed(error, ref: ref, runID: runID).line)
    }

    /// A sign of life when nothing else was sent.
    private func beat() async {
        while !Task.isCancelled {
            let silence = monotonicNow() - lastSent.withLock { $0 }
            if silence >= Self.heartbeat {
                await send(ServerMessage.heartbeat.line)
                continue
            }
            do { try await Task.sleep(nanoseconds: UInt64(max(Self.heartbeat - silence, 1_000_000))) } catch { return }
        }
    }
}
