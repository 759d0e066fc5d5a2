internal import ArgumentParser
internal import RunModel

struct PolicyTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Run a program and show what its policy refuses, and the smallest policy that would allow it.",
        usage: "nestbox policy trace [options] -- FILE [ARGS...]",
        discussion: """
            The program runs in a sandbox under its policy. Each call that the policy refuses is reported to this command, which \
            answers with the error that the policy gives; no refused call is carried out, so what comes after a refusal is what the \
            program does when it is refused. Files that are not there and destinations are shown too. Arguments that lie in the \
            program's memory are marked "as claimed". The trace is on stdout; all that the program writes is on stderr.

            Only root can trace, on its own machine: no service does it, and no run of a service is ever observed. A traced \
            program is slower; its limits hold.

            EXIT STATUS
              0     the program was traced, however it ended
              125   when Nestbox failed, or the request was wrong
              130   after Ctrl-C

            EXAMPLES
              nestbox policy trace prog.py
              nestbox policy trace --policy strict --network loopback -- prog.py first second
              nestbox policy trace --json prog.c | jq -r .advice.yaml
            """)

    @Option(
        name: [.short, .long], help: ArgumentHelp("The language, by name or alias.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.languages() })
    var language: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The policy; that of the language by default.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.policies() })
    var policy: String?

    @Option(
        help: ArgumentHelp("Give the program this file as stdin; nothing by default.", valueName: "file"),
        completion: .file())
    var stdin: String?

    @Option(
        name: .customLong("file"),
        help: ArgumentHelp("Put the file PATH into the sandbox as /box/NAME. Repeatable.", valueName: "name=path"),
        completion: .custom { _, _, prefix in Completions.namedFiles(prefix) })
    var files: [String] = []

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("Set a variable of the program's environment. Repeatable.", valueName: "key=value"))
    var environment: [String] = []

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp("Change a limit, up to the policy's ceiling. Repeatable.", valueName: "name=value"),
        completion: .list(Completions.limits))
    var limits: [String] = []

    @Option(
        help: ArgumentHelp(
            "The network of the program: none, loopback or egress, up to the policy's ceiling. With loopback it gets sockets, "
                + "and the trace shows where they were to lead.",
            valueName: "name"), completion: .list(["none", "loopback", "egress"]))
    var network: String?

    @Option(
        help: ArgumentHelp("Which step is traced: compile or run.", valueName: "step"),
        completion: .list(TracedStep.allCases.map(\.rawValue)))
    var step: TracedStep = .run

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup var directories: DirectoryOptions

    @Argument(help: ArgumentHelp("The source file, and what the program gets as its arguments.", valueName: "file"))
    var words: [String]

    mutating func run() async throws {
        let session = RunSession(options: try options(), directories: directories, traced: step)
        Console.exit(try await session.run())
    }

    /// The same run as options of `nestbox run`.
    private func options() throws -> RunOptions {
        var arguments: [String] = json ? ["--json"] : []
        func add(_ option: String, _ values: [String]) { arguments += values.map { "--\(option)=\($0)" } }
        add("language", language.map { [$0] } ?? [])
        add("policy", policy.map { [$0] } ?? [])
        add("stdin", [stdin ?? "/dev/null"])
        add("file", files)
        add("env", environment)
        add("limit", limits)
        add("network", network.map { [$0] } ?? [])
        guard let file = words.first else { throw ValidationError("FILE: found nothing, allowed a source file") }
        // A name that looks like an option is a file all the same.
        arguments.append(file.hasPrefix("-") && file != "-" ? "./" + file : file)
        return try RunOptions.parse(arguments + ["--"] + words.dropFirst())
    }
}

/// The steps of a run, as far as there are such.
enum TracedStep: String, CaseIterable, ExpressibleByArgument {
    case compile, run
}
