package import RunModel
package import SandboxPool
package import SandboxSpec

/// Where runs get their sandboxes from.
///
/// One that makes a fresh sandbox per lease is `WardenSandboxes`; a pool that keeps some ready fits in the same place.
package protocol SandboxSource: Sendable {
    /// A parked sandbox of this spec, for one step of one run.
    ///
    /// - Throws: `APIError` when there is none to be had.
    func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease

    /// A sandbox of this spec that is parked already; nil where there is none: then it takes a `lease`. Never blocks.
    func claim(_ spec: SandboxSpec) -> SandboxLease?

    /// The same as `lease`, preferably of one in which this has been started already: then the lease is open.
    func lease(_ spec: SandboxSpec, opening: SandboxOpening) async throws(APIError) -> SandboxLease

    /// The same as `claim`, of one in which this has been started already.
    func claim(_ spec: SandboxSpec, opening: SandboxOpening) -> SandboxLease?
}

extension SandboxSource {
    /// Nothing is kept ready.
    package func claim(_ spec: SandboxSpec) -> SandboxLease? { nil }

    /// Nothing is started ahead.
    package func lease(_ spec: SandboxSpec, opening: SandboxOpening) async throws(APIError) -> SandboxLease {
        try await lease(spec)
    }

    /// Nothing is started ahead.
    package func claim(_ spec: SandboxSpec, opening: SandboxOpening) -> SandboxLease? { nil }
}
