package import HTTPInterface
package import HTTPTypes
package import RunModel

extension Reply {
    /// A value as JSON, which no cache keeps.
    package static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Reply {
        var reply = bytes(try JSONText.encode(value), type: "application/json", status: status)
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// JSON that a value writes by itself.
    package static func json(status: Int = 200, size: Int = 1024, _ write: (inout JSONBytes) -> Void) -> Reply {
        var output = JSONBytes(size: size)
        write(&output)
        var reply = bytes(output.bytes, type: "application/json", status: .init(code: status))
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// An error, in the format of every route.
    package static func error(_ error: APIError) -> Reply {
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
