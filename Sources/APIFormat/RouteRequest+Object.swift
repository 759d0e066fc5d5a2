package import HTTPInterface
internal import HTTPTypes
internal import RunModel
package import StrictJSON

extension RouteRequest {
    /// The body of a request that needs none: an empty one is an empty object, if no foreign page sent it. Some clients name a type
    /// of their own for a body that they do not have (aiohttp: `application/octet-stream`).
    package func optionalObject(limit: Int) async throws -> JSONObject {
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
    package func object(limit: Int) async throws -> JSONObject {
        let bytes = try await jsonBody(limit: limit)
        return try await LongWork.run(bytes.count) { () throws(APIError) in
            try ObjectReader.object(bytes, limits: JSONLimits(bytes: limit))
        }
    }
}
