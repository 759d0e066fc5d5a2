package import HTTPTypes
internal import LinuxSystem
internal import Logging
package import NIOCore
package import ServerTransport
internal import ServiceMetrics
internal import TraceContexts
internal import WebSockets

/// Upgrades to WebSockets.
extension HTTPRouter {
    /// Decides on an upgrade before it is answered. A refused request is passed to `respond`, which answers with the reason and
    /// counts it. Called on the connection's event loop.
    package func decide(_ head: HTTPRequest, _ channel: any Channel) -> UpgradeDecision {
        let parts = (head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = parts.first, let (route, parameters) = table.socket(path) else { return .refuse }
        let address = access.address(peer: channel.remoteAddress?.ipAddress, headers: head.headerFields)
        let subprotocol: String?
        let admission: Admission
        do {
            (subprotocol, admission) = try access.admit(
                head, from: address, now: monotonicNow(), isTentative: true
            ) {
                guard origins.allowsSocket(head.headerFields, host: head.authority) else {
                    throw InterfaceError.originNotAllowed(.webSocket)
                }
                try route.check()
                return (try route.subprotocol(head.headerFields), route.requirement)
            }
        } catch {
            return .refuse
        }
        let query = PercentCoding.query(parts.count == 2 ? parts[1] : "")
        let id = RequestID.of(head.headerFields)
        let parent = RequestTracing.context(head.headerFields)
        return .upgrade(subprotocol: subprotocol) { socket in
            await serve(
                SocketRequest(
                    socket: socket, subprotocol: subprotocol, parameters: parameters, query: query, id: id,
                    admission: admission, access: access, pattern: route.pattern.description, tracing: tracing,
                    parent: parent), route)
        }
    }

    /// Serves a socket until it ends.
    private func serve(_ request: SocketRequest, _ route: SocketRoute) async {
        let number = sockets.add(request.socket)
        metrics.sockets.add(1, [])
        let start = monotonicNow()
        record("websocket opened", request)
        await route.handler(request)
        metrics.sockets.add(-1, [])
        sockets.remove(number)
        record("websocket closed", request, ["duration_ms": .stringConvertible((monotonicNow() - start) / 1_000_000)])
    }

    private func record(_ message: Logger.Message, _ request: SocketRequest, _ more: Logger.Metadata = [:]) {
        var metadata: Logger.Metadata = ["address": "\(request.caller.address)", "request_id": "\(request.id)"]
        if let parent = request.parent { metadata["trace_id"] = "\(parent.traceID)" }
        accessLogger?.info(message, metadata: metadata.merging(more) { first, _ in first })
    }
}
