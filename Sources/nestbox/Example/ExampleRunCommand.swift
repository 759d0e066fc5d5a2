internal import ArgumentParser
internal import Examples
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import StrictJSON
internal import WardenClient

struct ExampleRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an example in a sandbox, with inputs of your own.",
        discussion: """
            Needs root. What the program printed comes when it has ended. The exit status is that of 'nestbox run'.

            EXAMPLES
              nestbox example run python-word-count
              nestbox example run python-primes --input limit=100
              nestbox example run python-fizzbuzz --solution
            """)

    @OptionGroup var directories: DirectoryOptions
    @OptionGroup(title: "Directories") var place: ExamplesOption

    @Option(help: ArgumentHelp("The value of an input. Repeatable.", valueName: "name=value"))
    var input: [String] = []

    @Flag(help: "Run the solution of an exercise.")
    var solution = false

    @Argument(help: "The id of the example.")
    var id: String

    mutating func run() async throws {
        do {
            let library = try ExampleLibrary.load(
                .find(examples: place.examples, overlay: directories.overlay.overlay))
            let example = try library.found(id)
            if solution, example.solution == nil {
                throw APIError(.invalidRequest, "\(id) is no exercise: it has no solution")
            }
            let values = try ExampleInputs.values(try inputs(), of: example)
            let submission = example.submission(values: values, code: solution ? example.solution : nil)
            let planner = try Catalog(directories).planner
            let plan = try ExampleBench.plan(submission, planner)
            let connection = try await WardenLauncher.launch(directories, roots: plan.steps.map(\.spec.root))
            let result = try await ExampleBench(planner, connection).run(submission)
            await connection.close()
            Console.write(result.stdout.bytes, to: Console.output)
            Console.write(result.stderr.bytes, to: Console.errors)
            Console.exit(RunExit.status(of: result.outcome))
        } catch let error as APIError {
            throw CommandFailure(error)
        }
    }

    private func inputs() throws(APIError) -> JSONObject {
        var object = JSONObject()
        for text in input {
            guard let equals = text.firstIndex(of: "=") else {
                throw APIError(.invalidRequest, "--input: found \"\(text)\", allowed NAME=VALUE")
            }
            object.members.append((String(text[..<equals]), .string(String(text[text.index(after: equals)...]))))
        }
        return object
    }
}
