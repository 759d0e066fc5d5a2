internal import ArgumentParser
internal import RunModel

/// What `nestbox run` takes.
struct RunOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The language, by name or alias.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.languages() })
    var language: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The policy; that of the language by default.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.policies() })
    var policy: String?

    @Option(
        help: ArgumentHelp("Give the program this file as stdin instead of our own.", valueName: "file"),
        completion: .file())
    var stdin: String?

    @Option(
        name: .customLong("file"),
        help: ArgumentHelp("Put the file PATH into the sandbox as /box/NAME. Repeatable.", valueName: "name=path"),
        completion: .custom { _, _, prefix in Completions.namedFiles(prefix) })
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "Call FILE by this name in /box, as the main file, instead of the language's own.", valueName: "name"))
    var main: String?

    @Option(
        name: .customLong("compiler-option"),
        help: ArgumentHelp(
            "Give the compiler this option, if the language allows it: --compiler-option=-O3. Repeatable.",
            valueName: "option"))
    var compilerOptions: [String] = []

    @Option(
        name: .customLong("env"),
        help: ArgumentHelp("Set a variable of the program's environment. Repeatable.", valueName: "key=value"))
    var environment: [String] = []

    @Option(
        name: .customLong("limit"),
        help: ArgumentHelp(
            "Change a limit, up to the policy's ceiling: cpu=2s, memory=64MiB, processes=8. Repeatable.",
            valueName: "name=value"),
        completion: .list(Completions.limits))
    var limits: [String] = []

    @Option(
        help: ArgumentHelp(
            "The network of the program: none; loopback, one of its own; or egress, the hosts of the policy; up to the policy's ceiling.",
            valueName: "name"), completion: .list(["none", "loopback", "egress"]))
    var network: String?

    @Option(
        help: ArgumentHelp(
            "Reach this host outside, of those that the policy allows: www.example.org:443. Repeatable; implies --network egress.",
            valueName: "host:port"))
    var egress: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep the files under /box that match this glob; needs --output. Repeatable.", valueName: "glob"))
    var artifacts: [String] = []

    @Option(
        help: ArgumentHelp(
            "The directory for artifacts, of --artifacts or the language's own; nothing in it is overwritten.",
            valueName: "dir"),
        completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Run on the service at this URL instead of here; its key, if any, is in $NESTBOX_KEY.", valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "When output comes: line, as it is written, or full, when the language's own buffer is full.",
            valueName: "line|full"),
        completion: .list(OutputBuffering.allCases.map(\.rawValue)))
    var buffering: OutputBuffering = .line

    @Option(
        help: ArgumentHelp("Compile or parse the program, and do not run it: syntax.", valueName: "what"),
        completion: .list(RequestedCheck.allCases.map(\.rawValue)))
    var check: RequestedCheck?

    @Flag(help: "Give the program a terminal of its own instead of pipes.")
    var tty = false

    @Flag(help: "Print the result as one JSON object, and nothing else.")
    var json = false

    @Flag(help: "Print the events of the run as they happen, one JSON object per line.")
    var events = false

    @Flag(help: "Have the service compile even what it has compiled before; here nothing is kept anyway.")
    var noCache = false

    @Flag(name: [.short, .long], help: "No summary on stderr.")
    var quiet = false

    @Argument(
        help: ArgumentHelp("The source file, or - for stdin (with --language).", valueName: "file"), completion: .file()
    )
    var file: String

    @Argument(
        parsing: .postTerminator, help: ArgumentHelp("What the program gets as its arguments.", valueName: "args"))
    var arguments: [String] = []

    func validate() throws {
        if json && events { throw ValidationError("--json and --events exclude each other") }
        if tty && json { throw ValidationError("--tty and --json exclude each other: a terminal is for people") }
        if !artifacts.isEmpty, output == nil { throw ValidationError("--artifacts needs --output") }
    }

    /// Splits NAME=VALUE at the first equals sign.
    static func pair(_ text: String, option: String, form: String) throws -> (name: String, value: String) {
        guard let split = text.firstIndex(of: "="), split != text.startIndex else {
            throw ValidationError("--\(option): found \"\(text)\", allowed \(form)")
        }
        return (String(text[..<split]), String(text[text.index(after: split)...]))
    }
}

extension OutputBuffering: ExpressibleByArgument {}
extension RequestedCheck: ExpressibleByArgument {}
