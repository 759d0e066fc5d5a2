internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON

extension Caller {
    /// The owner of the caller's sessions: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }
}

extension RouteRequest {
    /// The session that the path names. Text that is no id is treated as an unknown id.
    func session(_ sessions: SessionService) throws(APIError) -> Session {
        guard let id = SessionID(parameter()) else { throw .noSession }
        return try sessions.find(id, owner: caller.owner)
    }

    /// The body of a request that needs none: an empty one is an empty object, if no foreign page sent it. Some clients name a type
    /// of their own for a body that they do not have (aiohttp: `application/octet-stream`).
    func optionalObject(limit: Int) async throws -> JSONObject {
        if headers[.contentType]?.lowercased().hasPrefix("application/json") != true {
            try refuseForeignPages()
            let bytes = try await body(limit: limit)
            guard !bytes.isEmpty else { return JSONObject() }
            throw InterfaceError.unsupportedMediaType("the Content-Type is not application/json")
        }
        let bytes = try await jsonBody(limit: limit)
        return bytes.isEmpty ? JSONObject() : try ObjectReader.object(bytes, limits: JSONLimits(bytes: limit))
    }

    /// The body of a request that needs one.
    func object(limit: Int) async throws -> JSONObject {
        let bytes = try await jsonBody(limit: limit)
        return try await LongWork.run(bytes.count) { () throws(APIError) in
            try ObjectReader.object(bytes, limits: JSONLimits(bytes: limit))
        }
    }
}

extension APIError {
    static var noSession: APIError { APIError(.sessionNotFound, "there is no such session") }
}

extension Reply {
    /// JSON that a value writes by itself.
    static func json(status: Int = 200, size: Int = 1024, _ write: (inout JSONBytes) -> Void) -> Reply {
        var output = JSONBytes(size: size)
        write(&output)
        var reply = bytes(output.bytes, type: "application/json", status: .init(code: status))
        reply.headers[.cacheControl] = "no-store"
        return reply
    }

    /// Adds the id of the session to the log record.
    mutating func concern(_ id: SessionID) {
        logField = ("session_id", "\(id)")
    }
}
