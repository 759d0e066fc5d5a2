package import HTTPTypes
package import HummingbirdCore
package import ServerTransport
internal import WebSockets

/// An admitted request: its caller, its target and its connection.
package struct RouteRequest: Sendable {
    package let request: Request
    /// Whether the client is still there.
    package let presence: ClientPresence
    /// Of the path, decoded, in their order.
    package let parameters: [String]
    package let query: [String: String]
    package let caller: Caller
    /// The id that joins the log records about this request.
    package let id: String
    /// The memory that incomplete bodies share.
    let memory: ByteBudget
    let origins: OriginCheck

    package var headers: HTTPFields { request.headers }

    /// The text of a parameter of the path.
    package func parameter(_ index: Int = 0) -> String {
        parameters.indices.contains(index) ? parameters[index] : ""
    }

    /// Refuses unknown names; a misspelled parameter must not be ignored silently.
    package func allowQuery(_ names: Set<String>) throws(InterfaceError) {
        for name in query.keys.sorted() where !names.contains(name) {
            throw .unknownParameter(name, known: names.sorted())
        }
    }

    /// A whole number of the query.
    package func number(
        _ name: String, in range: ClosedRange<Int64>, default value: Int64
    ) throws(InterfaceError) -> Int64 {
        guard let text = query[name] else { return value }
        guard let number = Int64(text), range.contains(number), text == String(number) else {
            throw .invalidParameter(
                name, found: text, allowed: "a whole number, \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Refuses pages of other origins. For routes that act without a JSON body, which a foreign page could otherwise request unseen.
    package func refuseForeignPages() throws(InterfaceError) {
        let found = headers[values: .origin]
        guard !found.isEmpty, !origins.allowsSocket(headers, host: request.head.authority) else { return }
        guard found.count == 1, origins.policy.allowsCORS(found[0]) else { throw .originNotAllowed(.api) }
    }

    /// Refuses a page of an origin that may not open sockets, and logs it.
    func checkSocketOrigin() throws(InterfaceError) {
        guard origins.allowsSocket(headers, host: request.head.authority) else {
            origins.logRefused(origin: headers[values: .origin].joined(separator: ", "), .webSocket)
            throw .originNotAllowed(.webSocket)
        }
    }
}
