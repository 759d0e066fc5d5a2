/// One error in a configuration file: where, at which key, what was found and what is allowed.
///
/// `found` and `allowed` are ready to print; text that came from the file has to go through `quote(_:)` first.
package struct ConfigurationDiagnostic: Sendable, Hashable, CustomStringConvertible {
    package let location: SourceLocation
    /// Dotted, with indexes: `limits.cpu`, `syscalls.allow[2]`. Empty for the document as a whole.
    package let key: String
    package let found: String
    package let allowed: String
    /// A remedy, such as `did you mean "cpu"?`.
    package let hint: String?

    package init(at location: SourceLocation, key: String, found: String, allowed: String, hint: String? = nil) {
        self.location = location
        self.key = key
        self.found = found
        self.allowed = allowed
        self.hint = hint
    }

    /// Something about a file or a directory as a whole that says all by itself: `no such directory`.
    package init(of file: String, _ words: String, hint: String? = nil) {
        self.init(at: .whole(file), key: "", found: words, allowed: "", hint: hint)
    }

    /// `file:line: key: found X, allowed Y (hint)`; `file: X (hint)` where nothing is to be allowed.
    package var description: String {
        if allowed.isEmpty { return "\(location): \(found)" + (hint.map { " (\($0))" } ?? "") }
        let place = key.isEmpty ? "\(location): " : "\(location): \(key): "
        return place + "found \(found), allowed \(allowed)" + (hint.map { " (\($0))" } ?? "")
    }

    /// Foreign text in double quotes, control characters escaped, cut at 60 characters: safe in a log or a terminal.
    package static func quote(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(60) {
            let hidden = scalar.properties.generalCategory == .format || scalar.properties.generalCategory == .control
            shown += scalar.escaped(asASCII: hidden)
        }
        return "\"\(shown)\"" + (text.unicodeScalars.count > 60 ? "…" : "")
    }
}
