package import RunModel
package import WardenClient

/// A sandbox that belongs to one step of a run, with how ready it was.
///
/// Keep the lease, and not only its sandbox, for as long as the sandbox is used: its place in the pool is free when the
/// last copy is gone.
package struct SandboxLease: Sendable {
    package let sandbox: any Sandbox
    package let warmth: WarmStart
    /// What was wanted is started in it already, and has said that it is ready.
    package let isOpen: Bool
    /// Nil of a sandbox that no pool counts.
    private let place: PoolPlace?

    package init(sandbox: any Sandbox, warmth: WarmStart) {
        self.init(sandbox: sandbox, warmth: warmth, isOpen: false, place: nil)
    }

    init(sandbox: any Sandbox, warmth: WarmStart, isOpen: Bool, place: PoolPlace?) {
        self.sandbox = sandbox
        self.warmth = warmth
        self.isOpen = isOpen
        self.place = place
    }

    /// The same sandbox as one that was this ready.
    func counted(as warmth: WarmStart, in place: PoolPlace? = nil) -> SandboxLease {
        SandboxLease(sandbox: sandbox, warmth: warmth, isOpen: isOpen, place: place ?? self.place)
    }

    /// The same sandbox, in which what was wanted has been started.
    func opened() -> SandboxLease { SandboxLease(sandbox: sandbox, warmth: warmth, isOpen: true, place: place) }
}

/// The place of a leased sandbox in its pool, which is free again when the last reference to this is gone.
final class PoolPlace: Sendable {
    private let pools: PooledSandboxes
    private let key: PoolKey

    init(in pools: PooledSandboxes, _ key: PoolKey) {
        self.pools = pools
        self.key = key
    }

    deinit {
        pools.release(key)
    }
}
