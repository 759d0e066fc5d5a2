internal import RunModel
package import StrictJSON
internal import WebSockets

/// Workspaces of a service, as its REST interface has them (docs/workspaces.md).
extension NestboxClient {
    /// The longest answer that is held in memory.
    package static let maximumAnswer = 64 << 20

    /// One request about workspaces.
    ///
    /// - Parameters:
    ///   - path: what follows `/api/v1/workspaces`, with its query.
    ///   - type: the media type of the body.
    /// - Returns: the body of the answer.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func workspaces(
        _ method: String, _ path: String, body: [UInt8]? = nil, type: String = "application/json"
    ) async throws -> [UInt8] {
        var content: [UInt8] = []
        try await workspaces(method, path, body: body, type: type) { bytes in
            guard content.count + bytes.count <= Self.maximumAnswer else {
                throw NestboxError(
                    code: "INVALID_ANSWER", message: "the answer is longer than \(Self.maximumAnswer) bytes",
                    retryable: false, details: [:])
            }
            content += bytes
        }
        return content
    }

    /// The same, with the body of the answer as it comes.
    package func workspaces(
        _ method: String, _ path: String, body: [UInt8]? = nil, type: String = "application/json",
        onBytes: ([UInt8]) async throws -> Void
    ) async throws {
        var target = target
        target.path = "/api/v1/workspaces" + path
        var headers = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        if body != nil { headers.append(("Content-Type", type)) }
        // Of a refusal the body is its JSON, which is short; which of the two it is, is known at the end.
        var refusal: [UInt8] = []
        let answer: HTTPClient.Answer
        do {
            answer = try await HTTPClient.stream(method, target, headers: headers, body: body) { status, bytes in
                if (200..<300).contains(status) { return try await onBytes(bytes) }
                refusal += bytes.prefix(max(0, 65_536 - refusal.count))
            }
        } catch let error as NestboxError {
            throw error
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target), retryable: true, details: [:])
        }
        guard (200..<300).contains(answer.status) else {
            struct Refusal: Decodable { let error: APIError }
            guard let body = try? JSONText.decode(Refusal.self, from: refusal) else {
                throw NestboxError(
                    code: "INVALID_ANSWER", message: "\(target.host):\(target.port) answered \(answer.status)",
                    retryable: false, details: [:])
            }
            throw NestboxError(body.error)
        }
    }

    /// A request whose answer is a JSON object.
    ///
    /// - Throws: as above, and for an answer that is no object.
    package func workspace(_ method: String, _ path: String, body: [UInt8]? = nil) async throws -> JSONObject {
        let bytes = try await workspaces(method, path, body: body)
        do throws(APIError) {
            return try ObjectReader.object(bytes, limits: JSONLimits(bytes: Self.maximumAnswer))
        } catch {
            throw NestboxError(
                code: "INVALID_ANSWER", message: "the service answered not as a Nestbox service does",
                retryable: false, details: [:])
        }
    }
}
