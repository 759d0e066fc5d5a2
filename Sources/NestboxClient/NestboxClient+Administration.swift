package import RunModel
internal import WebSockets

/// What administrators ask a service.
extension NestboxClient {
    /// The state of the service.
    ///
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func overview() async throws -> AdminOverview {
        let answer = try await administration("GET", "/overview")
        do {
            return try JSONText.decode(AdminOverview.self, from: answer.body)
        } catch {
            throw NestboxError(
                code: "INVALID_ANSWER", message: "\(target.host):\(target.port) answered not as a Nestbox service does",
                retryable: false, details: [:])
        }
    }

    /// Ends a run or a session of any owner.
    ///
    /// - Parameters:
    ///   - kind: `runs` or `sessions`.
    ///   - id: 32 hexadecimal digits.
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func end(_ kind: String, _ id: String) async throws {
        _ = try await administration("DELETE", "/\(kind)/\(id)")
    }

    private func administration(_ method: String, _ path: String) async throws -> HTTPClient.Answer {
        var target = target
        target.path = "/api/v1/admin" + path
        let headers = key.map { [("Authorization", "Bearer \($0)")] } ?? []
        let answer: HTTPClient.Answer
        do {
            answer = try await HTTPClient.request(method, target, headers: headers, limit: 8 << 20)
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target), retryable: true, details: [:])
        }
        guard answer.status == 200 || answer.status == 202 else {
            struct Refusal: Decodable { let error: APIError }
            if path == "/overview", answer.status == 404 {
                throw NestboxError(
                    code: "NOT_FOUND",
                    message:
                        "this is for administrators: their key in $NESTBOX_KEY or, where the service asks for no keys, "
                        + "on its own machine", retryable: false, details: [:])
            }
            guard let refusal = try? JSONText.decode(Refusal.self, from: answer.body) else {
                throw NestboxError(
                    code: "INVALID_ANSWER", message: "\(target.host):\(target.port) answered \(answer.status)",
                    retryable: false, details: [:])
            }
            throw NestboxError(refusal.error)
        }
        return answer
    }
}
