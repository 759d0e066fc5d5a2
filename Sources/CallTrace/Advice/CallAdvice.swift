/// Which calls and groups would have to be allowed.
struct CallAdvice {
    var changes: [PolicyAdvice.Change] = []
    var impossible: [PolicyAdvice.Refusal] = []

    /// A group is taken in the place of single calls when it brings at most so many calls that were not observed: those that
    /// belong to the same purpose, and that the program did not get to since the first one was refused.
    static let maximumCompany = 4

    init(_ log: TraceLog, _ rules: TracedRules) {
        var wanted: [String] = []
        for call in log.calls.entries.map(\.value) {
            if rules.syscalls.contains(call.name) {
                if Self.isSocket(call) { continue }
                note(
                    Self.words(call),
                    "these arguments are refused by every policy (docs/policies.md, By argument)")
            } else if let reason = CallDanger.impossible(call.name, known: rules.known) {
                note(call.name, reason)
            } else if !wanted.contains(call.name) {
                wanted.append(call.name)
            }
        }
        var left = Set(wanted)
        for call in wanted where left.contains(call) {
            let group = Self.group(for: call, left, rules)
            let covered = group.map { rules.groups[$0] ?? [] }.map { left.intersection($0) } ?? [call]
            left.subtract(covered)
            let members = group.map { (rules.groups[$0] ?? []).subtracting(rules.syscalls).sorted() } ?? [call]
            let dangers = members.compactMap { CallDanger.reason(of: $0, reviewed: rules.reviewed) }
            changes.append(
                PolicyAdvice.Change(
                    key: "syscalls.allow", value: group.map { "@" + $0 } ?? call, because: covered.sorted(),
                    danger: dangers.first))
        }
    }

    /// The smallest group with this call that brings little else.
    private static func group(for call: String, _ wanted: Set<String>, _ rules: TracedRules) -> String? {
        let candidates = rules.groups.compactMap { name, calls -> (name: String, company: Int, size: Int)? in
            guard calls.contains(call), calls.count > 1 else { return nil }
            let added = calls.subtracting(rules.syscalls)
            let company = added.subtracting(wanted).count
            guard added.count > 1, company <= maximumCompany else { return nil }
            return (name, company, calls.count)
        }
        return candidates.min { ($0.company, $0.size, $0.name) < ($1.company, $1.size, $1.name) }?.name
    }

    /// Sockets of the internet are a matter of the network.
    private static func isSocket(_ call: TraceLog.Call) -> Bool {
        (call.name == "socket" || call.name == "socketpair") && NetworkAdvice.internetFamily(call) != nil
    }

    private mutating func note(_ what: String, _ reason: String) {
        let refusal = PolicyAdvice.Refusal(what: what, reason: reason)
        if !impossible.contains(refusal) { impossible.append(refusal) }
    }

    private static func words(_ call: TraceLog.Call) -> String {
        let arguments = call.arguments.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        return arguments.isEmpty ? call.name : "\(call.name)(\(arguments))"
    }
}
