/// A policy was asked for that is not there.
package struct UnknownPolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// Sorted.
    package let known: [String]

    package init(name: String, known: [String]) {
        self.name = name
        self.known = known
    }

    package var description: String {
        let hint = Suggestion.hint(for: name, among: known).map { " (\($0))" } ?? ""
        return "policy: found \(ConfigurationMistake.quote(name)), allowed \(known.joined(separator: ", "))\(hint)"
    }
}
