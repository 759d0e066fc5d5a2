internal import HTTPTypes

/// One WebSocket of an API: where it is, what it speaks, what it asks of callers.
package struct SocketRoute: Sendable {
    package typealias Handler = @Sendable (SocketRequest) async -> Void

    package let pattern: PathPattern
    package let requirement: AccessRequirement
    package let subprotocols: [String]
    let check: @Sendable () throws -> Void
    let errors: any ErrorRenderer
    let handler: Handler

    /// The subprotocol to speak with a client: its first one that is spoken here; nil for a client that offers none.
    ///
    /// - Throws: `upgradeRequired` when it offers only others; it would fail its own handshake (RFC 6455, section 4.1).
    func subprotocol(_ headers: HTTPFields) throws(InterfaceError) -> String? {
        let offered = headers[values: .secWebSocketProtocol].flatMap { value in
            value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        }
        if let chosen = offered.first(where: { subprotocols.contains($0) }) { return chosen }
        guard offered.allSatisfy({ $0.hasPrefix(AccessControl.keyProtocol) }) else {
            throw .upgradeRequired(subprotocols)
        }
        return nil
    }

    /// Answers a request for this socket that was not upgraded: the conditions that only sockets have come last there.
    var plainRoute: Route {
        Route(
            method: .get, pattern: pattern, requirement: requirement, options: Route.Options(executor: .eventLoop),
            errors: errors
        ) { [self] request in
            try request.checkSocketOrigin()
            try check()
            throw InterfaceError.upgradeRequired(subprotocols)
        }
    }
}
