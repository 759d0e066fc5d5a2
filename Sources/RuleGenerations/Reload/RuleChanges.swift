internal import Policies

/// What differs between two sets of policies.
struct RuleChanges {
    /// Policies that are new, changed or gone, sorted.
    let names: [String]
    /// Policies that are new or changed.
    let toTry: [Policy]

    init(from before: PolicySet, to after: PolicySet) {
        let old = before.policies.mapValues(\.digest)
        let changed = after.policies.values.filter { old[$0.name] != $0.digest }
        toTry = changed.sorted { $0.name < $1.name }
        let gone = before.policies.keys.filter { after.policies[$0] == nil }
        names = (toTry.map(\.name) + gone).sorted()
    }
}
