internal import Policies
package import SandboxSpec

/// What a sandbox is made with, except for its root, which is a path of one machine.
package struct SandboxRules: Sendable, Hashable {
    package var limits: Limits
    /// Percent of a limit at which a warning is sent, 1 to 100.
    package var warnAt: UInt8
    package var network: NetworkAccess
    /// Names of the system calls that are let through, sorted and unique.
    package var syscalls: [String]
    /// A terminal for the program instead of three pipes.
    package var terminal: TerminalSize?
    package var preparation: Preparation = .none

    /// - Parameter network: where it is not the policy's own. Without it there is never egress: that is for the program alone, and what
    ///   a compiler leaves is kept and used again.
    init(_ policy: Policy, limits: Limits, network: NetworkAccess? = nil, terminal: TerminalSize? = nil) {
        self.limits = limits
        warnAt = policy.warnAt
        self.network = network ?? min(policy.network, .loopback)
        syscalls = policy.syscalls
        self.terminal = terminal
    }

    /// The same with a root: what the warden is asked for.
    package func spec(root: RootSource) -> SandboxSpec {
        SandboxSpec(
            root: root, limits: limits, warnAt: warnAt, network: network, syscalls: syscalls, terminal: terminal,
            preparation: preparation)
    }
}
