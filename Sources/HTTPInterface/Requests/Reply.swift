package import HTTPTypes
package import HummingbirdCore
internal import NIOCore

/// A response before the common headers are added.
package struct Reply: Sendable {
    /// The kind of content, which determines the security headers.
    package enum Kind: Sendable {
        /// Data for programs.
        case api
        /// A page of this service, or a part of one.
        case page
        /// A file that untrusted code made.
        case artifact
    }

    package var status: HTTPResponse.Status
    package var headers: HTTPFields = [:]
    package var body: ResponseBody
    package var kind = Kind.api
    /// Whether its body differs from request to request.
    package var isLive = false
    /// Code of the API's error, for metrics and logs.
    package var errorCode: String?
    /// A field of the log that names the subject of the request.
    package var logField: (name: String, value: String)?

    package init(
        status: HTTPResponse.Status, headers: HTTPFields = [:], body: ResponseBody = ResponseBody(), kind: Kind = .api
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.kind = kind
    }

    package static func bytes(
        _ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, kind: Kind = .api
    ) -> Reply {
        var reply = Reply(status: status, body: body(bytes), kind: kind)
        reply.headers[.contentType] = type
        return reply
    }

    /// In pieces that each wait for the reader: a slow reader has all the time it needs, as long as it reads.
    private static func body(_ bytes: [UInt8]) -> ResponseBody {
        let whole = ByteBuffer(bytes: bytes)
        guard bytes.count > piece else { return ResponseBody(byteBuffer: whole) }
        return ResponseBody(contentLength: bytes.count) { writer in
            var rest = whole
            while let next = rest.readSlice(length: min(piece, rest.readableBytes)), next.readableBytes > 0 {
                try await writer.write(next)
            }
            try await writer.finish(nil)
        }
    }

    private static let piece = 65_536

    /// Text that is compressed for clients that accept it.
    package static func text(
        _ bytes: [UInt8], gzip: () -> [UInt8]?, type: String, for headers: HTTPFields, kind: Kind
    ) -> Reply {
        let small = Gzip.isAccepted(headers[values: .acceptEncoding]) ? gzip() : nil
        var reply = Reply.bytes(small ?? bytes, type: type, kind: kind)
        if small != nil { reply.headers[.contentEncoding] = "gzip" }
        reply.headers[.vary] = "Accept-Encoding"
        return reply
    }

    package static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Reply {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }
}
