internal import APIFormat
internal import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON
internal import Synchronization
internal import WebSockets

/// One client's channels to its kernel: reads its requests, sends it the kernel's messages. Ends with the socket.
///
/// Messages are sent by a task of its own, so a slow reader holds up nobody: one that falls too far behind is cut off.
final class KernelSocket: Sendable {
    let services: JupyterServices
    let request: SocketRequest
    let hub: KernelHub
    let attachment: KernelHub.Attachment
    let waiting = Mutex(0)
    private let isV1: Bool

    private init(
        services: JupyterServices, request: SocketRequest, hub: KernelHub, attachment: KernelHub.Attachment
    ) {
        self.services = services
        self.request = request
        self.hub = hub
        self.attachment = attachment
        isV1 = request.subprotocol == V1Protocol.subprotocol
    }

    var socket: WebSocket { request.socket }

    /// Serves a socket to its end.
    static func serve(_ request: SocketRequest, _ services: JupyterServices) async {
        let hub: KernelHub
        do throws(APIError) {
            hub = try services.kernels.find(request.parameters.first ?? "", owner: request.caller.owner)
        } catch {
            services.httpMetrics.failed(error.code.rawValue)
            return await request.socket.close(WebSocketCloseCode(rawValue: 4404), reason: error.message)
        }
        // Names of clients are kept: long ones are not names.
        let name = request.query?["session_id"].flatMap { (1...256).contains($0.utf8.count) ? $0 : nil }
        guard let attachment = hub.attach(name) else {
            return await request.socket.close(
                .tryAgainLater, reason: "the kernel has \(KernelHub.maximumLines) clients already")
        }
        await KernelSocket(services: services, request: request, hub: hub, attachment: attachment).run()
        services.kernels.prune()
    }

    private func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.bringEvents() }
            group.addTask { await self.send() }
            await receive(&group)
            hub.detach(attachment)
            group.cancelAll()
        }
    }

    // MARK: - Out

    /// Brings the session's events to the hub, for all of its clients.
    private func bringEvents() async {
        while !Task.isCancelled {
            let (session, reader) = hub.reader()
            reading: while true {
                switch await reader.next(maximumBytes: KernelHub.eventBytes) {
                case .events(let events): hub.take(events, of: session)
                case .lagged(_, let to): hub.lost(before: to, of: session)
                case .quiet: if Task.isCancelled { return }
                case .ended: break reading
                }
            }
            await hub.successor(of: session)
        }
    }

    private func send() async {
        while !Task.isCancelled {
            let cursor = hub.cursor(of: attachment)
            switch hub.read(attachment) {
            case .nothing: await hub.wait(attachment)
            case .replaced: return await socket.close(.normal, reason: "the same client has connected again")
            case .behind:
                return await socket.close(.policyViolation, reason: "too slow: messages for this client are lost")
            case .messages(let messages):
                let output = messages.map { message -> WebSocketOutput in
                    isV1
                        ? .binary(ByteBuffer(bytes: V1Protocol.encode(message)))
                        : .text(ByteBuffer(bytes: DefaultProtocol.encode(message)))
                }
                do {
                    try await socket.send(contentsOf: output)
                } catch {
                    return hub.unread(attachment, from: cursor)
                }
            }
        }
    }

    // MARK: - In

    private func receive(_ group: inout DiscardingTaskGroup) async {
        let rate = RateLimiter(
            perMinute: services.settings.messagesPerSecond * 60, burst: services.settings.messagesPerSecond * 2)
        for await message in socket.messages {
            guard rate.take("", now: monotonicNow()).isAllowed else {
                return await socket.close(.policyViolation, reason: "too many messages")
            }
            let found: ClientMessage?
            do throws(MessageError) {
                found = try await decode(message)
            } catch {
                services.httpMetrics.failed(APIError.Code.invalidRequest.rawValue)
                return await socket.close(.invalidData, reason: error.description)
            }
            if let found { await handle(found, &group) }
        }
    }

    private func decode(_ message: WebSocketMessage) async throws(MessageError) -> ClientMessage? {
        let limits = JSONLimits(bytes: services.settings.maximumMessage)
        switch message {
        case .text(let text):
            guard !isV1 else { throw MessageError("messages of this subprotocol are binary") }
            let bytes = Array(text.utf8)
            return try await LongWork.run(bytes.count) { () throws(MessageError) in
                try DefaultProtocol.decode(text: bytes, limits: limits)
            }
        case .binary(let buffer):
            let bytes = Array(buffer: buffer)
            let isV1 = isV1
            return try await LongWork.run(bytes.count) { () throws(MessageError) in
                isV1
                    ? try V1Protocol.decode(bytes, limits: limits)
                    : try DefaultProtocol.decode(binary: bytes, limits: limits)
            }
        }
    }
}
