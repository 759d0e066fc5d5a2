/// What may help whoever sees how a run ended. Guessed from what the program wrote, so no more than a guess.
package struct Hint: Sendable, Equatable, Codable {
    /// The most hints one result has.
    package static let maximumCount = 4

    /// What kind of hint it is: `language`, `network`, `package`, … .
    package var kind: String
    /// What people are told.
    package var text: String
    /// The language to take instead, when the hint is that there is one.
    package var language: String?

    package init(kind: String, text: String, language: String? = nil) {
        self.kind = kind
        self.text = text
        self.language = language
    }
}
