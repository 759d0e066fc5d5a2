/// A policy was asked for that is not there, or that mistakes in its file have disabled.
package struct UnknownPolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// Sorted.
    package let known: [String]
    /// What is wrong with its file; nil when there is none.
    package let mistakes: ConfigurationError?

    package init(name: String, known: [String], mistakes: ConfigurationError? = nil) {
        self.name = name
        self.known = known
        self.mistakes = mistakes
    }

    package var description: String {
        if let mistakes {
            return "policy \(ConfigurationMistake.quote(name)) is disabled by mistakes in its file: \(mistakes.summary)"
        }
        let hint = Suggestion.word(for: name, among: known).map { "; did you mean \"\($0)\"?" } ?? ""
        return "there is no policy \(ConfigurationMistake.quote(name))\(hint)"
    }
}
