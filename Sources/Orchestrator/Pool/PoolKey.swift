package import SandboxSpec

/// A specification as the key of a pool. Equality is that of the whole; the hash is of the parts that tell most apart,
/// since a specification has hundreds of names of system calls.
package struct PoolKey: Sendable, Hashable {
    package let spec: SandboxSpec

    package init(_ spec: SandboxSpec) {
        self.spec = spec
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(spec.root)
        hasher.combine(spec.limits)
        hasher.combine(spec.preparation)
    }
}
