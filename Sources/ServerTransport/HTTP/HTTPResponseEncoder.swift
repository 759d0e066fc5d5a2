internal import HTTPTypes
internal import NIOCore

/// Encodes one response (RFC 9112, sections 4, 6 and 7).
struct HTTPResponseEncoder {
    private enum Framing {
        /// No body, or one of the length in the head.
        case none, counted
        case chunked
        /// Up to the end of the connection.
        case untilClose
    }

    /// Reason phrases of statuses that have only a number.
    private static let reasons = [
        200: "OK", 202: "Accepted", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 417: "Expectation Failed",
        421: "Misdirected Request", 426: "Upgrade Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
        503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]

    private let method: HTTPRequest.Method
    private let minor: Int
    private var framing = Framing.none

    init(answering head: ParsedHead?) {
        method = head?.request.method ?? .get
        minor = head?.minor ?? 1
    }

    /// Whether only the end of the connection can end the response.
    func needsClose(_ response: HTTPResponse) -> Bool {
        minor == 0 && hasBody(response.status) && response.headerFields[.contentLength] == nil
    }

    private func hasBody(_ status: HTTPResponse.Status) -> Bool {
        method != .head && status.code >= 200 && status.code != 204 && status.code != 304
    }

    mutating func head(_ response: HTTPResponse, keepsAlive: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(512)
        let status = response.status
        let reason = status.reasonPhrase.isEmpty ? Self.reasons[status.code] ?? "" : status.reasonPhrase
        buffer.writeString("HTTP/1.1 \(status.code) \(reason)\r\n")
        let length = response.headerFields[.contentLength]
        // These have no length (RFC 9110, section 8.6).
        let isBare = status.code < 200 || status.code == 204 || status.code == 304
        for field in response.headerFields {
            switch field.name.canonicalName {
            case "connection", "transfer-encoding": continue
            case "content-length" where isBare: continue
            default: break
            }
            buffer.writeString(field.name.rawName)
            buffer.writeString(": ")
            buffer.writeString(field.value)
            buffer.writeString("\r\n")
        }
        if hasBody(status) {
            framing = length != nil ? .counted : minor == 0 ? .untilClose : .chunked
            if case .chunked = framing { buffer.writeString("Transfer-Encoding: chunked\r\n") }
        }
        if status.code >= 200 {
            if !keepsAlive {
                buffer.writeString("Connection: close\r\n")
            } else if minor == 0 {
                buffer.writeString("Connection: keep-alive\r\n")
            } else if status.code == 426 {
                // The Upgrade field requires it (RFC 9110, section 7.8).
                buffer.writeString("Connection: Upgrade\r\n")
            }
        }
        buffer.writeString("\r\n")
        return buffer
    }

    /// A piece of the body; nil if it must not be sent.
    func body(_ piece: ByteBuffer) -> ByteBuffer? {
        switch framing {
        case .none: return nil
        case .counted, .untilClose: return piece
        case .chunked:
            // An empty chunk would be the end.
            guard piece.readableBytes > 0 else { return nil }
            var piece = piece
            var buffer = ByteBuffer()
            buffer.reserveCapacity(piece.readableBytes + 12)
            buffer.writeString("\(String(piece.readableBytes, radix: 16))\r\n")
            buffer.writeBuffer(&piece)
            buffer.writeString("\r\n")
            return buffer
        }
    }

    /// The end of the body.
    func end() -> ByteBuffer {
        if case .chunked = framing { ByteBuffer(string: "0\r\n\r\n") } else { ByteBuffer() }
    }
}
