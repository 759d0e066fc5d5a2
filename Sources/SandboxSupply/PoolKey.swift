internal import Images
package import SandboxPool
package import SandboxSpec

/// A specification, and what is started in its sandboxes, as the key of a pool. Equality is that of the whole; the hash is of the parts
/// that tell most apart, since a specification has hundreds of names of system calls.
package struct PoolKey: Sendable, Hashable {
    package let spec: SandboxSpec
    package let opening: SandboxOpening?
    /// Tells a root from another one that has been put into its place.
    private let stamp: [UInt8]?
    /// Worked out once: all pools are looked up whenever one is refilled.
    private let digest: Int

    /// Looks at the root.
    package init(_ spec: SandboxSpec, opening: SandboxOpening? = nil) {
        self.spec = spec
        self.opening = opening
        stamp = RootStamp.of(spec.root)
        var hasher = Hasher()
        hasher.combine(spec.root)
        hasher.combine(spec.limits)
        hasher.combine(spec.preparation)
        hasher.combine(opening)
        digest = hasher.finalize()
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(digest)
    }
}
