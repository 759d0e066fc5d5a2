internal import HTTPTypes

/// One WebSocket of an API: its path, its subprotocols, its requirements on callers.
package struct SocketRoute: Sendable {
    package typealias Handler = @Sendable (SocketRequest) async -> Void

    package let pattern: PathPattern
    package let requirement: AccessRequirement
    package let subprotocols: [String]
    let check: @Sendable () throws -> Void
    let errors: any ErrorRenderer
    let handler: Handler

    /// The subprotocol for a client: the first offered one that is supported; nil for a client that offers none.
    ///
    /// - Throws: `upgradeRequired` when the client offers only others; it would reject the handshake (RFC 6455, section 4.1).
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

    /// Answers a request for this socket that was not upgraded: checks the conditions of sockets last.
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
