package import RunModel
package import SandboxSpec

/// Sandboxes for callers without a pool: made when asked for, prepared or not.
package struct UnpooledSandboxes: SandboxSource {
    private let source: any SandboxSource
    private let isPrepared: Bool

    /// - Parameter isPrepared: whether interpreters are booted and forked although only one run will use them, to see that
    ///   they can be; otherwise every run starts cold.
    package init(source: any SandboxSource, isPrepared: Bool = false) {
        self.source = source
        self.isPrepared = isPrepared
    }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        var spec = spec
        if !isPrepared { spec.preparation = .none }
        let lease = try await source.lease(spec)
        return lease.counted(as: spec.preparation == .none ? .cold : WarmStart(parked: spec.preparation))
    }
}
