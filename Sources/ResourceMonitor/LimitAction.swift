package import SandboxSpec

/// What a `LimitTracker` wants done.
package enum LimitAction: Sendable, Equatable {
    /// Tell the client: the limit is nearly used up. Once per limit.
    case warn(LimitHit)
    /// End the sandbox. Once; nothing follows it.
    case kill(LimitHit)
}
