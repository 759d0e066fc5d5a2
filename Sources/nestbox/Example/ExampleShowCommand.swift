internal import ArgumentParser
internal import Examples
internal import RunModel

struct ExampleShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an example: what it is about, its inputs, and the program.",
        discussion: """
            EXAMPLES
              nestbox example show python-fizzbuzz
              nestbox example show python-fizzbuzz --hints 1
              nestbox example show python-fizzbuzz --solution
            """)

    @OptionGroup var directories: ExampleDirectoryOptions

    @Option(help: ArgumentHelp("Show this many of the hints.", valueName: "count"))
    var hints = 0

    @Flag(help: "Show the solution in place of the exercise.")
    var solution = false

    @Argument(help: "The id of the example.")
    var id: String

    mutating func run() async throws {
        do throws(APIError) {
            let example = try ExampleLibrary.load(directories.found).found(id)
            if solution, example.solution == nil {
                throw APIError(.invalidRequest, "\(id) is no exercise: it has no solution")
            }
            Console.say("\(example.title) (\(example.language), \(example.category), \(example.difficulty))")
            Console.say(example.description)
            if let needs = example.needs { Console.say("needs \(needs)") }
            for input in example.inputs {
                Console.say("input \(input.name): \(input.allowed); \"\(input.standard)\" by default")
            }
            for (number, hint) in example.hints.prefix(max(hints, 0)).enumerated() {
                Console.say("hint \(number + 1): \(hint)")
            }
            if example.hints.count > hints { Console.say("hints: \(example.hints.count), see --hints") }
            for file in example.files {
                let text = file == example.main ? (solution ? example.solution : nil) ?? file.text : file.text
                Console.say("\n--- \(file.path)")
                Console.write(Array(text.utf8), to: Console.output)
            }
        } catch {
            throw CommandFailure(error)
        }
    }
}
