internal import ArgumentParser
internal import RunModel

/// An error of the command itself: one line on stderr, exit status 125 unless said otherwise.
struct CommandFailure: Error {
    /// Nestbox failed, or was asked for something it cannot do.
    static let failedStatus = ExitTable.failed

    let error: APIError
    var status: Int32 = failedStatus
    /// Also as a JSON object on stdout, for a caller that asked for JSON.
    var asJSON = false

    init(_ error: APIError, asJSON: Bool = false) {
        self.error = error
        self.asJSON = asJSON
    }

    func report() {
        Console.complain(error.message)
        for diagnostic in error.furtherErrors { Console.complain(diagnostic) }
        if asJSON, let line = try? JSONText.line(APIErrorBody(error)) { Console.write(line, to: Console.output) }
    }

    /// Ends the process over an error of the argument parser: its help and version texts are no errors; a misuse is a
    /// bad request and ends like every other one.
    static func exitAfterParsing(_ error: any Error) -> Never {
        let code = NestboxCommand.exitCode(for: error)
        let message = NestboxCommand.fullMessage(for: error)
        if code.isSuccess {
            Console.write(Array((message + "\n").utf8), to: Console.output)
            Console.exit(0)
        }
        if let exit = error as? ExitCode { Console.exit(exit.rawValue) }
        // Its first line is the error; usage follows, which 'help' shows better.
        let first = message.split(separator: "\n").first.map(String.init) ?? message
        let plain = first.hasPrefix("Error: ") ? String(first.dropFirst(7)) : first
        let words =
            (try? CommandTree.load()).map {
                CommandLineError(tree: $0, arguments: Array(CommandLine.arguments.dropFirst())).words(plain)
            } ?? plain
        let given = CommandLine.arguments.prefix { $0 != "--" }
        let failure = CommandFailure(
            APIError(.invalidRequest, words), asJSON: given.contains("--json") || given.contains("--events"))
        failure.report()
        Console.exit(failedStatus)
    }
}
