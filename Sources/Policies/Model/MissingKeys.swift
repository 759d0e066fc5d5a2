internal import ConfigurationFiles

/// What a policy and all it extends leave unsaid: one error, however much it is.
///
/// Not thread safe; it lives for the duration of one load.
final class MissingKeys {
    private var keys: [(key: String, allowed: String)] = []
    private var place: SourceLocation?
    private var parents: [String] = []

    func add(_ key: String, allowed: String, at location: SourceLocation, parents: [String]) {
        keys.append((key, allowed))
        place = location
        self.parents = parents
    }

    /// Notes one error for all keys that were added since the last time.
    func tell(_ log: DiagnosticLog, policy: PolicyDocument, isBaseThere: Bool) {
        defer { keys = [] }
        guard let place, let first = keys.first else { return }
        let names = parents.map { "\"\($0)\"" }.joined(separator: ", ")
        let here = "nothing, here" + (names.isEmpty ? "" : " or in \(names)")
        let hint =
            parents.isEmpty && policy.name.value != "default" && isBaseThere
            ? "extends: default says what this file does not" : nil
        if keys.count == 1 {
            return log.add(at: place, key: first.key, found: here, allowed: first.allowed, hint: hint)
        }
        let shown = keys.prefix(3).map(\.key).joined(separator: ", ")
        let more = keys.count > 3 ? " and \(keys.count - 3) more" : ""
        log.add(
            at: place, key: "", found: "\(here), for \(shown)\(more)",
            allowed: "a policy in which nothing is left open", hint: hint)
    }
}
