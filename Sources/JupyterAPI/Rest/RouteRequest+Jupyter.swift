internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import RunService
internal import SessionModel
internal import StrictJSON

extension Caller {
    /// The owner of the caller's kernels: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }
    /// The unit among which running places are shared.
    var client: RunClient { RunClient(bucket) }
}

extension RouteRequest {
    var origin: RunOrigin { RunOrigin(address: caller.address, requestID: id) }

    /// The body, which may be empty. Jupyter's clients send JSON under any content type, or none; so pages of other origins, whose
    /// forms and texts a browser sends unasked, are told by their origin.
    func looseObject(limit: Int) async throws -> ObjectReader {
        try refuseForeignPages()
        let bytes = try await body(limit: limit)
        guard !bytes.isEmpty else { return ObjectReader(JSONObject()) }
        // The body `null` of clients that have nothing to say.
        if bytes == Array("null".utf8) { return ObjectReader(JSONObject()) }
        return try ObjectReader.parse(bytes, limits: JSONLimits(bytes: limit))
    }
}

extension Reply {
    /// JSON that a value writes by itself.
    static func json(status: Int = 200, _ write: (inout JSONBytes) -> Void) -> Reply {
        var output = JSONBytes(size: 1024)
        write(&output)
        var reply = bytes(output.bytes, type: "application/json", status: .init(code: status))
        reply.headers[.cacheControl] = "no-store"
        return reply
    }
}
