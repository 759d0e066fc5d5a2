package import HTTPTypes
package import HummingbirdCore
internal import NIOCore

/// An answer before the common headers are added.
package struct Reply: Sendable {
    /// Which of the security headers fit.
    package enum Kind: Sendable {
        /// Data for programs.
        case api
        /// A page of ours, or a part of one.
        case page
        /// A file that foreign code made.
        case artifact
    }

    package var status: HTTPResponse.Status
    package var headers: HTTPFields = [:]
    package var body: ResponseBody
    package var kind = Kind.api
    /// Whether its body is another one each time it is asked for.
    package var isLive = false
    /// Code of the API's error, for metrics and logs.
    package var errorCode: String?
    /// A field of the log that says what this is about.
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

    /// In pieces that each wait for their reader: a slow one that reads has all the time it needs.
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

    /// A text that is compressed for those who take that.
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
