internal import ArgumentParser
internal import Examples
internal import Images
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import WardenClient

struct ExampleCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find errors in examples, and with --run compare what they print.",
        discussion: """
            Every error in the files is named, with its line. With --run, which needs root, each example is run in a sandbox \
            for each of its checks; of an exercise, the solution has to pass and the program that is shown has not. What \
            needs more than a sandbox has is only parsed. Languages whose root is not built are skipped, unless an example \
            was named.

            EXAMPLES
              nestbox example check
              nestbox example check --run python-word-count
              nestbox example check --run --language rust
              nestbox example check --run
            """)

    @OptionGroup var directories: DirectoryOptions
    @OptionGroup(title: "Directories") var place: ExamplesOption

    @Flag(name: .customLong("run"), help: "Run them, too.")
    var runs = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Of this language alone. Repeatable.", valueName: "name"))
    var language: [String] = []

    @Argument(help: "The ids of examples; all when there are none.")
    var ids: [String] = []

    mutating func run() async throws {
        do throws(APIError) {
            let library = try load()
            let catalog = try Catalog(directories)
            let errors = library.errors(languages: catalog.images.names)
            for line in errors { Console.complain(line) }
            let examples = try selected(library)
            guard runs else {
                Console.say("\(Table.count(examples.count, "example", "examples")), \(errors.count) errors")
                if !errors.isEmpty { Console.exit(ExitTable.found) }
                return
            }
            let isGood = try await check(examples, catalog)
            if !isGood || !errors.isEmpty { Console.exit(ExitTable.found) }
        } catch {
            throw CommandFailure(error)
        }
    }

    private func load() throws(APIError) -> ExampleLibrary {
        do {
            return try ExampleLibrary.load(
                .find(examples: place.examples, overlay: directories.overlay.overlay))
        } catch let error as APIError {
            throw error
        } catch {
            throw APIError(.invalidRequest, "\(error)")
        }
    }

    private func selected(_ library: ExampleLibrary) throws(APIError) -> [Example] {
        var named: [Example] = []
        for id in ids { named.append(try library.found(id)) }
        let all = ids.isEmpty ? library.examples : named
        return language.isEmpty ? all : all.filter { language.contains($0.language) }
    }

    private func check(_ examples: [Example], _ catalog: Catalog) async throws(APIError) -> Bool {
        let planner = catalog.planner
        var ready: [(example: Example, plan: RunPlan)] = []
        var failed: [String] = []
        var skipped = 0
        for example in examples {
            do throws(APIError) {
                let submission = example.needs == nil ? example.submission(values: [:]) : example.syntaxSubmission
                ready.append((example, try ExampleBench.plan(submission, planner)))
            } catch {
                if ids.isEmpty, error.code == .imageNotBuilt || error.code == .unknownLanguage {
                    skipped += 1
                } else {
                    failed.append(example.id)
                    Console.complain("example \(example.id): \(error.message)")
                }
            }
        }
        if !ready.isEmpty {
            let connection = try await WardenLauncher.launch(
                directories, roots: ready.flatMap { $0.plan.steps.map(\.spec.root) })
            let bench = ExampleBench(planner, connection)
            for (example, _) in ready {
                guard let reason = await bench.failure(of: example) else { continue }
                failed.append(example.id)
                Console.complain("example \(example.id): \(reason)")
            }
            await connection.close()
        }
        let count = examples.count - skipped - failed.count
        var last = "\(count) of \(examples.count) examples passed"
        if skipped > 0 { last += "; \(skipped) skipped, their languages are not built" }
        if !failed.isEmpty { last += "; failed: \(failed.joined(separator: ", "))" }
        Console.say(last)
        return failed.isEmpty
    }
}
