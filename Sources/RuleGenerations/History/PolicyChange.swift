package import Policies

/// One value of a policy that differs between two sets of policies.
package struct PolicyChange: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        /// The policy is new, or gone: it has no key.
        case new, gone
        case changed
    }

    package let policy: String
    package let kind: Kind
    package let key: String?
    /// Texts of the value; of system calls, those that are gone and those that are new, each with a sign.
    package let before: String?
    package let after: String?
    /// File and line of the values.
    package let sourceBefore: String?
    package let sourceAfter: String?

    private enum CodingKeys: String, CodingKey {
        case policy, kind, key, before, after
        case sourceBefore = "source_before"
        case sourceAfter = "source_after"
    }

    private init(_ policy: String, _ kind: Kind) {
        self.policy = policy
        self.kind = kind
        (key, before, after, sourceBefore, sourceAfter) = (nil, nil, nil, nil, nil)
    }

    private init(_ policy: String, _ key: String, _ old: PolicyValue, _ new: PolicyValue, _ texts: (String, String)) {
        self.policy = policy
        kind = .changed
        self.key = key
        (before, after) = texts
        sourceBefore = "\(old.source)"
        sourceAfter = "\(new.source)"
    }

    /// Every value that differs, by policy.
    package static func list(from before: PolicySet, to after: PolicySet) -> [PolicyChange] {
        Set(before.policies.keys).union(after.policies.keys).sorted().flatMap { name -> [PolicyChange] in
            switch (before.policies[name], after.policies[name]) {
            case (let old?, let new?): list(from: old, to: new)
            case (nil, _): [PolicyChange(name, .new)]
            case (_, nil): [PolicyChange(name, .gone)]
            }
        }
    }

    /// Every value that differs between two policies, by the name of the second.
    package static func list(from before: Policy, to after: Policy) -> [PolicyChange] {
        after.differences(from: before).map { key, old, new in
            guard key == "syscalls" else { return PolicyChange(after.name, key, old, new, (old.text, new.text)) }
            let (was, becomes) = (Set(before.syscalls), Set(after.syscalls))
            let removed = was.subtracting(becomes).sorted().map { "-\($0)" }.joined(separator: " ")
            let added = becomes.subtracting(was).sorted().map { "+\($0)" }.joined(separator: " ")
            return PolicyChange(after.name, key, old, new, (removed, added))
        }
    }
}
