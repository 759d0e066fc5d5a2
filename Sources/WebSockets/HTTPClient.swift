internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One request over a connection of its own.
package enum HTTPClient {
    package struct Answer: Sendable {
        package let status: Int
        /// The value of `Retry-After`, where there is one.
        package var retryAfter: String?
        package var body: [UInt8]
    }

    package enum Failure: Error, Sendable, CustomStringConvertible {
        case tooLong(allowed: Int)
        case cutOff

        package var description: String {
            switch self {
            case .tooLong(let allowed): "the answer is longer than \(allowed) bytes"
            case .cutOff: "the connection ended in the middle of the answer"
            }
        }
    }

    /// A GET request.
    ///
    /// - Parameter limit: the longest accepted answer, in bytes.
    /// - Throws: `Failure`, and errors of connecting and reading.
    package static func get(
        _ target: WebSocketClient.Target, headers: [(String, String)] = [], limit: Int = 1 << 20
    ) async throws -> Answer {
        try await request("GET", target, headers: headers, limit: limit)
    }

    /// A request with any method. As `get`. Its cancellation ends the connection.
    ///
    /// - Parameter body: sent with its length; none when it is nil.
    package static func request(
        _ method: String, _ target: WebSocketClient.Target, headers: [(String, String)] = [],
        body content: [UInt8]? = nil,
        limit: Int = 1 << 20
    ) async throws -> Answer {
        var body: [UInt8] = []
        var answer = try await stream(method, target, headers: headers, body: content) { _, bytes in
            guard body.count + bytes.count <= limit else { throw Failure.tooLong(allowed: limit) }
            body += bytes
        }
        answer.body = body
        return answer
    }

    /// The same, with the answer's body piece by piece, as it comes.
    ///
    /// - Parameter onBytes: an error that it throws ends the connection, and is thrown on.
    /// - Returns: the answer without its body.
    package static func stream(
        _ method: String, _ target: WebSocketClient.Target, headers: [(String, String)] = [],
        body content: [UInt8]? = nil, onBytes: (_ status: Int, _ bytes: [UInt8]) async throws -> Void
    ) async throws -> Answer {
        let tls = try ClientTLS(target)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(10))
            .connect(host: target.host, port: target.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try tls?.add(to: pipeline)
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var fields = HTTPHeaders([("Host", target.authority), ("Connection", "close")])
            for (name, value) in headers { fields.add(name: name, value: value) }
            if let content { fields.add(name: "Content-Length", value: "\(content.count)") }
            let head = HTTPRequestHead(
                version: .http1_1, method: HTTPMethod(rawValue: method), uri: target.path, headers: fields)
            try await outbound.write(.head(head))
            if let content { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: content)))) }
            try await outbound.write(.end(nil))
            var status = 0
            var retryAfter: String?
            for try await part in inbound {
                switch part {
                case .head(let head):
                    status = Int(head.status.code)
                    retryAfter = head.headers.first(name: "Retry-After")
                case .body(let bytes): try await onBytes(status, Array(bytes.readableBytesView))
                case .end: return Answer(status: status, retryAfter: retryAfter, body: [])
                }
            }
            throw Failure.cutOff
        }
    }
}
