package import APIFormat
package import HTTPInterface
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import SessionModel
internal import SessionService
internal import StrictJSON
internal import Synchronization
internal import WebSockets

/// Sessions over WebSocket: as messages on the socket of runs, and on sockets of the plain dialect.
package struct SessionSockets: SocketExtension {
    /// Chooses the plain dialect by name, for browsers: they cannot send a key without a subprotocol.
    package static let subprotocol = "nestbox.session.v1"

    /// Nanoseconds of silence after which the peer gets a heartbeat.
    private static let heartbeat: Int64 = 15_000_000_000

    private let services: SessionAPIServices

    package init(services: SessionAPIServices) {
        self.services = services
    }

    package var subprotocol: String { Self.subprotocol }

    package func open(_ host: SocketHost) -> any SocketPart { SessionLine(services: services, host: host) }

    /// Serves a socket of the plain dialect to its end.
    package func serve(_ request: SocketRequest) async {
        let sent = SentTime()
        let host = SocketHost(request: request) { lines in
            do {
                try await request.socket.send(contentsOf: lines.map { .text(ByteBuffer(bytes: $0)) })
                sent.note()
                return true
            } catch {
                return false
            }
        }
        let opening: PlainOpening
        do throws(APIError) {
            opening = try PlainOpening(request, services)
        } catch {
            services.httpMetrics.failed(error.code.rawValue)
            _ = await host.send([SessionAnswer.failed(error, ref: nil, nil)])
            await request.socket.close(.policyViolation, reason: error.code.rawValue)
            return
        }
        let line = SessionLine(services: services, host: host, own: opening.session)
        await withDiscardingTaskGroup { group in
            group.addTask { await Self.sendHeartbeats(host, sent) }
            do throws(APIError) {
                try line.follow(
                    opening.session, mode: opening.mode, takesOver: true, from: opening.from,
                    greeting: opening.greeting(), &group)
                await receive(request, line, &group)
            } catch {
                await line.fail(error, ref: nil, opening.session.id)
                await request.socket.close(.policyViolation, reason: error.code.rawValue)
            }
            line.close()
            group.cancelAll()
        }
    }

    private func receive(_ request: SocketRequest, _ line: SessionLine, _ group: inout DiscardingTaskGroup) async {
        let rate = RateLimiter(
            perMinute: services.settings.messagesPerSecond * 60, burst: services.settings.messagesPerSecond * 2)
        for await message in request.socket.messages {
            guard rate.take("", now: monotonicNow()).isAllowed else {
                return await request.socket.close(.policyViolation, reason: "too many messages")
            }
            guard case .text(let text) = message else {
                return await request.socket.close(.unsupportedData, reason: "messages are JSON text")
            }
            let bytes = Array(text.utf8)
            let limits = JSONLimits(bytes: services.settings.maximumBody)
            do throws(APIError) {
                let object = try await LongWork.run(bytes.count) { () throws(APIError) in
                    try ObjectReader.object(bytes, limits: limits)
                }
                await line.handle(object, &group)
            } catch {
                await line.fail(error, ref: nil, line.own?.id)
            }
        }
    }

    /// Sends a heartbeat when nothing else was sent.
    private static func sendHeartbeats(_ host: SocketHost, _ sent: SentTime) async {
        while !Task.isCancelled {
            let silence = sent.silence
            if silence >= heartbeat {
                guard await host.send([SessionAnswer.heartbeat]) else { return }
                continue
            }
            do { try await Task.sleep(nanoseconds: UInt64(max(heartbeat - silence, 1_000_000))) } catch { return }
        }
    }
}

/// When a socket was last sent something.
private final class SentTime: Sendable {
    private let last = Atomic(monotonicNow())

    func note() { last.store(monotonicNow(), ordering: .relaxed) }
    var silence: Int64 { monotonicNow() - last.load(ordering: .relaxed) }
}
