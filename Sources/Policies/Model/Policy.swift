package import ConfigurationFiles
package import SandboxSpec

/// What a run may do: checked, complete, with everything it extends already applied.
///
/// Only `PolicySet` makes these. Every limit is in range and no ceiling is below its limit; every system call is
/// known to the kernel headers and none is on the never-list.
package struct Policy: Sendable, Equatable {
    package let name: String
    package let description: String?
    /// The language it is for, and where that is said; nil in a base policy that others extend.
    let language: Located<String>?
    /// The policies it extends, nearest first.
    package let ancestors: [String]
    package let limits: Limits
    /// The limits with a value of their own, of those that else follow another one (`LimitName.leader`).
    package let given: Set<LimitName>
    /// How far a request may raise each limit.
    package let ceiling: Limits
    /// Percent of a limit at which a warning is sent, 1 to 100.
    package let warnAt: UInt8
    package let networks: PolicyNetwork
    /// Sorted and unique: what is allowed, less what is denied. Empty means none.
    package let syscalls: [String]
    package let pool: PoolSettings
    package let session: SessionSettings
    package let workspace: WorkspaceSettings
    /// Where the policy begins.
    package let location: SourceLocation
    /// Where its values were said, by the keys of `values`.
    let origins: [String: PolicyValue.Source]

    /// The language it is for; nil in a base policy that others extend.
    package var image: String? { language?.value }

    /// The limits of one request: those of the policy with some replaced, in the unit of each limit.
    ///
    /// Lowering is always fine; raising is up to the ceiling. What follows another limit, and is given neither by the
    /// policy nor by the request, goes along with it.
    /// - Throws: `LimitOverrideError` for the first limit, in the order of `LimitName`, that asks for too much or for
    ///   something no limit can be.
    package func limits(overriding wanted: [LimitName: Int64]) throws(LimitOverrideError) -> Limits {
        if let refusal = refusals(of: wanted).first { throw refusal }
        var limits = limits
        for name in LimitName.allCases {
            guard let asked = wanted[name] else { continue }
            do throws(InvalidLimit) {
                limits = try limits.setting(name, to: asked)
            } catch {
                throw LimitOverrideError(policy: self.name, limit: name, asked: asked, allowed: allowed(name))
            }
        }
        let given = given.union(wanted.keys)
        return limits.following(except: given)
            .bounded(by: ceiling, names: LimitName.allCases.filter { $0.leader != nil && !given.contains($0) })
    }

    /// All wanted limits that the policy does not grant, in the order of `LimitName`.
    package func refusals(of wanted: [LimitName: Int64]) -> [LimitOverrideError] {
        LimitName.allCases.compactMap { name in
            guard let asked = wanted[name], !allowed(name).contains(asked) else { return nil }
            return LimitOverrideError(policy: self.name, limit: name, asked: asked, allowed: allowed(name))
        }
    }

    private func allowed(_ name: LimitName) -> ClosedRange<Int64> { name.range.lowerBound...ceiling[name] }

    /// The limits of a step with limits of its own: those of the policy with `own` in their places. They are no request
    /// and know no ceiling.
    package func limits(replacedBy own: [LimitName: Int64]) throws(InvalidLimit) -> Limits {
        var limits = limits
        for (name, value) in own { limits = try limits.setting(name, to: value) }
        // What the policy gives to programs is not meant for a step whose leading limit is another one.
        let kept = given.filter { name in name.leader.map { own[$0] == nil } ?? true }
        return limits.following(except: kept.union(own.keys))
    }

    /// What the warden needs to make a sandbox under this policy.
    ///
    /// - Parameter network: where it is not the policy's own.
    package func spec(
        root: RootSource, limits: Limits, network: NetworkAccess? = nil, terminal: TerminalSize? = nil
    ) -> SandboxSpec {
        SandboxSpec(
            root: root, limits: limits, warnAt: warnAt, network: network ?? self.network, syscalls: syscalls,
            terminal: terminal)
    }
}
