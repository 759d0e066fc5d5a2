internal import ArgumentParser
internal import ConfigurationFiles
internal import Examples
internal import RunModel

struct ExampleListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the examples.",
        discussion: """
            Those with errors are left out; 'nestbox example check' says what is wrong with them.

            EXAMPLES
              nestbox example list
              nestbox example list --language python --difficulty beginner
              nestbox example list --search "binary search"
            """)

    @OptionGroup var directories: ExampleDirectoryOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Of this language alone.", valueName: "name"))
    var language: String?

    @Option(help: ArgumentHelp("Of this category alone.", valueName: "name"))
    var category: String?

    @Option(help: ArgumentHelp("Of this difficulty alone.", valueName: "name"))
    var difficulty: String?

    @Option(help: ArgumentHelp("Those with all of these words.", valueName: "words"))
    var search: String?

    @Flag(help: "Print JSON.")
    var json = false

    private struct Shown: Encodable {
        let id: String
        let language: String
        let category: String
        let difficulty: String
        let kind: String
        let title: String
        let file: String
    }

    mutating func run() async throws {
        do throws(APIError) {
            let query = ExampleQuery(
                language: language, category: try Self.choice("category", category),
                difficulty: try Self.choice("difficulty", difficulty), text: search)
            let found = try ExampleLibrary.load(directories.found).examples(matching: query)
            if json {
                return try Output.json(
                    found.map {
                        Shown(
                            id: $0.id, language: $0.language, category: $0.category.rawValue,
                            difficulty: $0.difficulty.rawValue, kind: $0.isExercise ? "exercise" : "example",
                            title: $0.title, file: $0.location.file)
                    })
            }
            let rows = found.map { [$0.id, $0.language, $0.category.rawValue, $0.difficulty.rawValue, $0.title] }
            for line in Table.lines([["ID", "LANGUAGE", "CATEGORY", "DIFFICULTY", "TITLE"]] + rows) {
                Console.say(line)
            }
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ option: String, _ text: String?
    ) throws(APIError) -> Choice? {
        guard let text else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let allowed = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw APIError(.invalidRequest, "--\(option): found \"\(text)\", allowed \(allowed)")
    }
}
