package import ServerTransport

/// Formats errors for one API.
package protocol ErrorRenderer: Sendable {
    /// The response to an error, with its status: an `InterfaceError`, or an error of a handler. Unexpected errors are
    /// logged here and not shown.
    func reply(to error: any Error) -> Reply

    /// The body of the last response on a connection whose request the listener could not read.
    func body(of refusal: HTTPRefusal) -> (type: String, body: [UInt8])
}

extension ErrorRenderer {
    package func body(of refusal: HTTPRefusal) -> (type: String, body: [UInt8]) {
        ("text/plain; charset=utf-8", Array("\(refusal.reason)\n".utf8))
    }
}
