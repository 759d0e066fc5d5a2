package import NIOCore

/// The deadlines of an HTTP/1.1 client, and how many unwanted bytes are read.
package struct HTTPDeadlines: Sendable {
    /// From the connection, or from the first byte of a later head, to its end.
    package var header = TimeAmount.seconds(10)
    /// For a body, whatever its size; plus one second for each `bodyRate` bytes that have arrived.
    package var body = TimeAmount.seconds(30)
    /// The minimum rate of a body, in bytes per second.
    package var bodyRate = 65_536
    /// Between two requests.
    package var idle = TimeAmount.seconds(60)
    /// For a last request, on a connection that is to end.
    package var last = TimeAmount.milliseconds(250)
    /// Time in which the client must make room for the response.
    package var send = TimeAmount.seconds(30)
    /// From the close of the server's side of the connection to that of the client's.
    package var linger = TimeAmount.seconds(10)
    /// Bytes that are read and discarded meanwhile.
    package var lingerBytes = 67_108_864
    /// The rest of an unwanted body is read, to reach the next request, if it is no longer than this.
    package var drainBytes = 65_536

    package init() {}

    /// When a body must have ended, given the bytes that have arrived.
    func end(ofBodyFrom start: NIODeadline, received: Int) -> NIODeadline {
        start + body + .milliseconds(Int64(received) * 1000 / Int64(max(bodyRate, 1)))
    }
}
