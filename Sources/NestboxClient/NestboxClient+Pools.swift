package import RunModel
internal import WebSockets

extension NestboxClient {
    /// The pools of the service.
    ///
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func pools() async throws -> [PoolReport] {
        let answer: [String: [PoolReport]] = try await value("/api/v1/pools")
        return answer["pools"] ?? []
    }

    /// What the service answers to a GET of this path.
    func value<Value: Decodable>(_ path: String) async throws -> Value {
        var target = target
        target.path = path
        let answer: HTTPClient.Answer
        do {
            answer = try await HTTPClient.get(target, headers: key.map { [("Authorization", "Bearer \($0)")] } ?? [])
        } catch {
            throw NestboxError(
                code: "CONNECTION_LOST", message: ConnectionTrouble.words(error, target),
                retryable: true, details: [:])
        }
        do {
            guard answer.status == 200 else {
                throw NestboxError(try JSONText.decode(Refusal.self, from: answer.body).error)
            }
            return try JSONText.decode(Value.self, from: answer.body)
        } catch let error as NestboxError {
            throw error
        } catch {
            throw NestboxError(
                code: "INVALID_ANSWER",
                message: "\(target.host):\(target.port) answered \(answer.status), not as a "
                    + "Nestbox service does", retryable: false, details: [:])
        }
    }
}

private struct Refusal: Decodable {
    let error: APIError
}
