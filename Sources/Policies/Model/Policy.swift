package import SandboxSpec

/// What a run may do: checked, complete, with everything it extends already applied.
///
/// Only `PolicySet` makes these. Every limit is in range and no ceiling is below its limit; every system call is
/// known to the kernel headers and none is on the never-list.
package struct Policy: Sendable, Equatable {
    package let name: String
    package let description: String?
    /// The language it is for; nil in a base policy that others extend.
    package let image: String?
    /// The policies it extends, nearest first.
    package let ancestors: [String]
    package let limits: Limits
    /// How far a request may raise each limit: the ceiling where the policy has one, else the limit itself.
    package let ceiling: Limits
    /// Percent of a limit at which a warning is sent, 1 to 100.
    package let warnAt: UInt8
    package let network: NetworkAccess
    /// Sorted and unique: what is allowed, less what is denied. Empty means none.
    package let syscalls: [String]
    package let pool: PoolSettings
    /// Where the policy begins.
    package let location: SourceLocation

    /// The limits of one request: those of the policy with some replaced, in the unit of each limit.
    ///
    /// Lowering is always fine; raising is up to the ceiling.
    /// - Throws: `LimitOverrideError` for the first limit, in the order of `LimitName`, that asks for too much or for
    ///   something no limit can be.
    package func limits(overriding wanted: [LimitName: Int64]) throws(LimitOverrideError) -> Limits {
        var limits = limits
        for name in LimitName.allCases {
            guard let asked = wanted[name] else { continue }
            let allowed = name.range.lowerBound...ceiling[name]
            guard allowed.contains(asked) else {
                throw LimitOverrideError(policy: self.name, limit: name, asked: asked, allowed: allowed)
            }
            do throws(InvalidLimit) {
                limits = try limits.setting(name, to: asked)
            } catch {
                throw LimitOverrideError(policy: self.name, limit: name, asked: asked, allowed: allowed)
            }
        }
        return limits
    }

    /// What the warden needs to make a sandbox under this policy.
    package func spec(root: RootSource, limits: Limits, terminal: TerminalSize? = nil) -> SandboxSpec {
        SandboxSpec(
            root: root, limits: limits, warnAt: warnAt, network: network, syscalls: syscalls, terminal: terminal)
    }
}
