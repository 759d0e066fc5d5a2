internal import ConfigurationFiles
internal import SandboxSpec

/// Checks names of system calls and groups where a file mentions them.
enum SyscallNames {
    /// Whether a call may be let through: known, and not on the never-list. Notes an error otherwise.
    static func checkAllowed(_ name: Located<String>, path: String, log: DiagnosticLog) -> Bool {
        if NeverSyscalls.contains(name.value) {
            log.add(
                at: name.location, key: path, found: ConfigurationDiagnostic.quote(name.value),
                allowed: "any system call but those that no sandbox ever gets (docs/policies.md)")
            return false
        }
        return checkKnown(name, path: path, log: log)
    }

    /// Whether there is such a call. Notes an error otherwise.
    static func checkKnown(_ name: Located<String>, path: String, log: DiagnosticLog) -> Bool {
        // What is never allowed may still be denied, even where this table does not know it yet.
        guard !KnownSyscalls.names.contains(name.value), !NeverSyscalls.contains(name.value) else { return true }
        log.add(
            at: name.location, key: path, found: "the unknown system call \(ConfigurationDiagnostic.quote(name.value))",
            allowed: "a system call of x86_64 or a group such as \"@default\"",
            hint: Suggestion.hint(for: name.value, among: KnownSyscalls.names))
        return false
    }

    /// The name of an existing group, without its `@`. Notes an error and returns nil otherwise.
    static func checkGroup(_ text: Located<String>, path: String, known: Set<String>, log: DiagnosticLog) -> String? {
        let name = String(text.value.dropFirst())
        guard text.value.hasPrefix("@"), known.contains(name) else {
            let names = known.sorted().map { "@\($0)" }
            log.add(
                at: text.location, key: path, found: "the unknown group \(ConfigurationDiagnostic.quote(text.value))",
                allowed: names.isEmpty ? "no group: there are none" : names.joined(separator: ", "),
                hint: Suggestion.hint(for: text.value, among: names))
            return nil
        }
        return name
    }
}
