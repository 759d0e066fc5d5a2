package import RunModel

extension NestboxClient {
    /// Which rules a run of this key was held to.
    ///
    /// - Throws: `NestboxError` when the service refused, or the connection was lost.
    package func explanation(of run: RunID) async throws -> RunExplanation {
        try await value("/api/v1/runs/\(run)/policy")
    }
}
