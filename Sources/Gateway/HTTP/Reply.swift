internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import RunModel

/// An answer before the common headers are added.
struct Reply: Sendable {
    /// Which of the security headers fit.
    enum Kind: Sendable {
        case api, page, artifact
    }

    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body: ResponseBody
    var kind = Kind.api
    /// Whether its body is another one each time it is asked for.
    var isLive = false
    /// Code of the API error, for metrics.
    var errorCode: String?
    /// The run this is about, for logs.
    var runID: RunID?

    init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ResponseBody = ResponseBody(), kind: Kind = .api)
    {
        self.status = status
        self.headers = headers
        self.body = body
        self.kind = kind
    }

    static func bytes(
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
    static func text(
        _ bytes: [UInt8], gzip: () -> [UInt8]?, type: String, for headers: HTTPFields, kind: Kind
    ) -> Reply {
        let small = Gzip.isAccepted(headers[values: .acceptEncoding]) ? gzip() : nil
        var reply = Reply.bytes(small ?? bytes, type: type, kind: kind)
        if small != nil { reply.headers[.contentEncoding] = "gzip" }
        reply.headers[.vary] = "Accept-Encoding"
        return reply
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Reply {
        bytes(Array(text.utf8), type: "text/plain; charset=utf-8", status: status)
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Reply {
        var reply = bytes(try JSONText.encode(value), type: "application/json", status: status)
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// An error, as every route answers it.
    static func error(_ error: APIError) -> Reply {
        var reply: Reply
        do {
            reply = try json(APIErrorBody(error), status: HTTPResponse.Status(code: error.httpStatus))
        } catch {
            reply = text("internal error\n", status: .internalServerError)
        }
        reply.errorCode = error.code.rawValue
        if error.code == .unauthenticated { reply.headers[.wwwAuthenticate] = "Bearer realm=\"nestbox\"" }
        if error.retryable, error.httpStatus == 503 || error.httpStatus == 429 { reply.headers[.retryAfter] = "1" }
        return reply
    }
}
