package import TraceContexts

/// The owner of a run. For all other clients the run does not exist.
package struct RunOwner: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter name: the id of a key, or a fixed word where there are none.
    package init(_ name: String) {
        description = name
    }

    /// All clients together, where no keys are required.
    package static let anyone = RunOwner("anyone")
}

/// The client that places are shared among: a key, or, where there are none, an address. Says nothing about ownership.
package struct RunClient: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ name: String) {
        description = name
    }
}

/// Where a submission came from, for logs. Nothing is decided by it.
package struct RunOrigin: Sendable, Equatable {
    /// Of the client, as text.
    package var address: String?
    /// Of the request or the WebSocket that submitted the run.
    package var requestID: String?
    /// The span of the request; nil where nothing is traced.
    package var trace: TraceContext?

    /// - Parameter trace: that of the request which the present task answers, unless told otherwise.
    package init(address: String? = nil, requestID: String? = nil, trace: TraceContext? = .current) {
        self.address = address
        self.requestID = requestID
        self.trace = trace
    }
}
