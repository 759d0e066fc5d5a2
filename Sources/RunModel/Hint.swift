/// What may help a user whose run ended so. A guess, made from what the program wrote.
package struct Hint: Sendable, Equatable, Codable {
    /// The most hints one result has.
    package static let maximumCount = 4

    /// What kind of hint it is: `language`, `network`, `package`, … .
    package var kind: String
    /// The text that users see.
    package var text: String
    /// The language to take instead, when the hint is that there is one.
    package var language: String?

    package init(kind: String, text: String, language: String? = nil) {
        self.kind = kind
        self.text = text
        self.language = language
    }
}
