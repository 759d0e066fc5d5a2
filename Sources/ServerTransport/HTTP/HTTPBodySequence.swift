internal import HummingbirdCore
internal import NIOCore
internal import NIOHTTPTypes

/// The connection ended, or its request was refused, in the middle of a body.
package struct HTTPBodyCutOff: Error {
    package init() {}
}

/// The body of one request, read from the parts of its connection.
///
/// Its iterator is that of the connection: one task answers a request and then continues with the next
/// one. So the body may be sent to the same task as the request.
struct HTTPBodySequence: AsyncSequence, @unchecked Sendable {
    typealias Element = ByteBuffer
    typealias Parts = NIOAsyncChannelInboundStream<HTTPRequestPart>.AsyncIterator

    let parts: Parts
    let channel: any Channel
    /// Whether the client may wait for `100 Continue`.
    let mayWait: Bool

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(parts: parts, channel: channel, mayWait: mayWait)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var parts: Parts
        let channel: any Channel
        var mayWait: Bool
        var isAtEnd = false

        mutating func next() async throws -> ByteBuffer? {
            if isAtEnd { return nil }
            if mayWait {
                mayWait = false
                channel.triggerUserOutboundEvent(HTTPBodyWanted(), promise: nil)
            }
            switch try await parts.next() {
            case .body(let piece): return piece
            case .end:
                isAtEnd = true
                return nil
            case .head, nil:
                isAtEnd = true
                throw HTTPBodyCutOff()
            }
        }
    }
}
