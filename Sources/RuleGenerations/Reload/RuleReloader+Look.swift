extension RuleReloader {
    /// All generations that are kept, the newest first. Reads them on the reloader's own thread.
    package func generations() async -> [GenerationEntry] {
        let history = history
        return await aside { history.entries.entries }
    }

    /// What differs between two generations. As `generations`.
    ///
    /// - Throws: that one of them is not kept.
    package func changes(
        from first: Int64, to second: Int64
    ) async throws(GenerationHistory.Failure) -> [PolicyChange] {
        let history = history
        return try await aside { () -> Result<[PolicyChange], GenerationHistory.Failure> in
            Result { () throws(GenerationHistory.Failure) in
                PolicyChange.list(
                    from: try history.record(first).policySet, to: try history.record(second).policySet)
            }
        }.get()
    }
}
