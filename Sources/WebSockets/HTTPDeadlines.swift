package import NIOCore

/// How long an HTTP/1.1 client may take for what.
package struct HTTPDeadlines: Sendable {
    /// From the connection to the end of the first head.
    package var header = TimeAmount.seconds(10)
    /// Without a byte of a body that is due.
    package var body = TimeAmount.seconds(30)
    /// Between two requests.
    package var idle = TimeAmount.seconds(60)
    /// Without room for an answer that is due.
    package var send = TimeAmount.seconds(30)

    package init() {}
}
