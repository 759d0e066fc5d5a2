package import ConfigurationFiles

/// A policy was asked for that is not there, or that errors in its file have disabled.
package struct UnknownPolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// Sorted.
    package let known: [String]
    /// What is wrong with its file; nil when there is none.
    package let diagnostics: ConfigurationError?

    package init(name: String, known: [String], diagnostics: ConfigurationError? = nil) {
        self.name = name
        self.known = known
        self.diagnostics = diagnostics
    }

    package var description: String {
        if let diagnostics {
            return
                "policy \(ConfigurationDiagnostic.quote(name)) is disabled by errors in its file: \(diagnostics.summary)"
        }
        let hint = Suggestion.word(for: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
        return "there is no policy \(ConfigurationDiagnostic.quote(name))\(hint)"
    }
}
