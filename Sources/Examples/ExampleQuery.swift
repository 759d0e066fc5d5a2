/// Which examples a client wants to see.
package struct ExampleQuery: Sendable {
    /// The most bytes of a text to look for.
    package static let maximumTextBytes = 200

    package var language: String?
    package var category: ExampleCategory?
    package var difficulty: ExampleDifficulty?
    /// Words that all have to be in the title, the description, the tags, the language or the id, in any case.
    package var text: String?

    package init(
        language: String? = nil, category: ExampleCategory? = nil, difficulty: ExampleDifficulty? = nil,
        text: String? = nil
    ) {
        self.language = language
        self.category = category
        self.difficulty = difficulty
        self.text = text
    }

    /// Whether an example is one of them.
    package func matches(_ example: Example) -> Bool {
        if let language, example.language != language { return false }
        if let category, example.category != category { return false }
        if let difficulty, example.difficulty != difficulty { return false }
        guard let text else { return true }
        let words = text.lowercased().split(separator: " ")
        guard !words.isEmpty else { return true }
        let all = ([example.title, example.description, example.language, example.id] + example.tags)
            .joined(separator: "\n").lowercased()
        return words.allSatisfy { all.contains($0) }
    }
}

extension ExampleLibrary {
    /// The examples that match, in the order of the library.
    package func examples(matching query: ExampleQuery) -> [Example] { examples.filter(query.matches) }
}
