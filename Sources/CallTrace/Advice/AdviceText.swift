internal import SandboxSpec

/// Changes as a policy of their own, which extends the one that was traced.
enum AdviceText {
    static func yaml(_ changes: [PolicyAdvice.Change], _ rules: TracedRules) -> String {
        var lines = [
            "# What a trace asks for. Lines that are commented out are dangerous: remove the # of those that are meant.",
            "version: 1",
            "name: \(name(rules.policy))",
            "extends: \(rules.policy)",
        ]
        let calls = changes.filter { $0.key == "syscalls.allow" }
        if !calls.isEmpty {
            lines.append("syscalls:")
            lines.append("  allow:  # replaces the list of \(rules.policy): what it allows now, and what was wanted")
            for entry in cover(rules) { lines.append("    - \"\(entry)\"") }
            for change in calls { lines.append(entry("    - \"\(change.value)\"", change)) }
            lines.append("  deny: []")
        }
        // What may be asked for has to be at least what applies.
        var ceilings: [String] = []
        for change in changes where change.key == "network" {
            if change.value.hasPrefix("egress: ") {
                let hosts = change.value.dropFirst("egress: ".count).split(separator: ", ").map { "\"\($0)\"" }
                lines.append(entry("network: {egress: [\(hosts.joined(separator: ", "))]}", change))
                // It takes the place of the line below, if there is one.
                lines.append(entry("ceiling: {network: {egress: [\(hosts.joined(separator: ", "))]}}", change))
            } else {
                lines.append(entry("network: \(change.value)", change))
                if !rules.networkCeiling.hasSockets { ceilings.append("network: \(change.value)") }
            }
        }
        let limits = changes.filter { $0.key.hasPrefix("limits.") }
        if !limits.isEmpty {
            let values = limits.map { "\($0.key.dropFirst("limits.".count)): \($0.value)" }
            lines.append("limits: {\(values.joined(separator: ", "))}")
            ceilings += values
        }
        if !ceilings.isEmpty { lines.append("ceiling: {\(ceilings.joined(separator: ", "))}") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func entry(_ line: String, _ change: PolicyAdvice.Change) -> String {
        guard let danger = change.danger else { return line }
        return "# \(line)  # dangerous: \(danger)"
    }

    /// Names of policies have 63 characters at most.
    static func name(_ policy: String) -> String { policy.prefix(56) + "-traced" }

    /// What the policy allows, in as few groups and calls as it takes. Exactly the same calls: what it denies is left out.
    static func cover(_ rules: TracedRules) -> [String] {
        var left = rules.syscalls
        var entries: [String] = []
        let groups = rules.groups.filter { $0.value.count > 1 && $0.value.isSubset(of: rules.syscalls) }
        for (name, calls) in groups.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) })
        where calls.intersection(left).count > 1 {
            entries.append("@" + name)
            left.subtract(calls)
        }
        return entries + left.sorted()
    }
}
