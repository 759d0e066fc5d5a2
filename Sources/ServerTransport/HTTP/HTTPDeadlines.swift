package import NIOCore

/// How long an HTTP/1.1 client may take for what, and how much of what nobody wants is read.
package struct HTTPDeadlines: Sendable {
    /// From the connection, or from the first byte of a later head, to its end.
    package var header = TimeAmount.seconds(10)
    /// For a body, whatever its size; a second more for each `bodyRate` bytes that have come.
    package var body = TimeAmount.seconds(30)
    /// The least rate of a body, in bytes per second.
    package var bodyRate = 65_536
    /// Between two requests.
    package var idle = TimeAmount.seconds(60)
    /// Without room for an answer that is due.
    package var send = TimeAmount.seconds(30)
    /// From our end of the connection to that of the client.
    package var linger = TimeAmount.seconds(10)
    /// Bytes that are read meanwhile and thrown away.
    package var lingerBytes = 67_108_864
    /// A body that was not wanted is read to its end, for the sake of the next request, if no more than this is left.
    package var drainBytes = 65_536

    package init() {}

    /// When a body must have ended, given what has come of it.
    func end(ofBodyFrom start: NIODeadline, received: Int) -> NIODeadline {
        start + body + .milliseconds(Int64(received) * 1000 / Int64(max(bodyRate, 1)))
    }
}
