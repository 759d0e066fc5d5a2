internal import ConfigurationFiles
internal import Digests
internal import EgressRules
internal import RunModel
internal import SandboxSpec

extension Policy {
    /// Every value of the policy as it applies, in the order of docs/policies.md; system calls are one value, sorted.
    package var values: [PolicyValue] {
        func value(_ key: String, _ text: String) -> PolicyValue {
            PolicyValue(key: key, text: text, source: origins[key] ?? .standard)
        }
        var values = [value("image", image ?? "any")]
        for name in LimitName.allCases {
            values.append(value("limits.\(name.rawValue)", LimitText.format(limits[name], of: name)))
        }
        for name in LimitName.allCases {
            values.append(value("ceiling.\(name.rawValue)", LimitText.format(ceiling[name], of: name)))
        }
        values.append(value("ceiling.network", Self.text(networkCeiling, networks.egressCeiling)))
        values.append(value("warn_at", "\(warnAt)%"))
        values.append(value("network", Self.text(network, networks.egress)))
        values.append(value("syscalls", syscalls.joined(separator: " ")))
        values.append(value("pool.min", "\(pool.minimum)"))
        values.append(value("pool.max", "\(pool.maximum)"))
        values.append(value("pool.warm", pool.warm.rawValue))
        for name in SessionLimitName.allCases {
            values.append(
                value(
                    "session.\(name.rawValue)",
                    Quantity.format(session.limits[name], as: QuantityKind(name.unit))))
        }
        values.append(value("session.on_limit", session.limits.onLimit.rawValue))
        values.append(value("session.pool.min", "\(session.poolMinimum)"))
        values.append(value("session.pool.max", "\(session.poolMaximum)"))
        for name in WorkspaceLimitName.allCases {
            values.append(
                value(
                    "workspace.\(name.rawValue)",
                    Quantity.format(workspace.limits[name], as: QuantityKind(name.unit))))
        }
        return values
    }

    /// A network with everything that decides what can be reached through it.
    private static func text(_ access: NetworkAccess, _ grant: EgressGrant?) -> String {
        guard let grant else { return access.name }
        let ranges = grant.privateRanges.map { "allow_private \($0)" }
        return ([access.name] + grant.rules.map(\.description) + ranges).joined(separator: " ")
            + " connections \(grant.connections) bytes \(grant.bytes)"
    }

    /// SHA-256 of all values, in lower-case hexadecimal. Names, comments, descriptions and places of files do not count: policies
    /// with the same rules have the same digest.
    package var digest: String {
        let lines = values.map { "\($0.key)=\($0.text)\n" }.joined()
        return Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: Array(lines.utf8)))
    }

    /// What is different in another policy, in the order of `values`: the key, the text here and the text there.
    package func differences(from other: Policy) -> [(key: String, before: PolicyValue, after: PolicyValue)] {
        zip(other.values, values).compactMap { before, after in
            before.text == after.text ? nil : (after.key, before, after)
        }
    }
}
