package import RunModel
package import SandboxSpec

/// A pool that is to be kept: what its sandboxes are made with, how many there are to be, and whom they are for.
package struct PoolDescription: Sendable, Equatable {
    package var policy: String
    package var image: String
    package var step: PoolStep
    package var spec: SandboxSpec
    package var size: PoolSize
    /// What is started in them while they are parked.
    package var opening: SandboxOpening?

    package init(
        policy: String, image: String, step: PoolStep, spec: SandboxSpec, size: PoolSize,
        opening: SandboxOpening? = nil
    ) {
        self.policy = policy
        self.image = image
        self.step = step
        self.spec = spec
        self.size = size
        self.opening = opening
    }
}
