internal import ArgumentParser
internal import RunModel

/// An error of the command itself: one line on stderr, exit status 125 unless said otherwise.
struct CommandFailure: Error {
    /// Nestbox failed, or was asked for something it cannot do.
    static let failedStatus: Int32 = 125

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
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.first.map(String.init) ?? message
        Console.complain(first.hasPrefix("Error: ") ? String(first.dropFirst(7)) : first)
        for line in lines.dropFirst() where !line.isEmpty { Console.note(String(line)) }
        Console.exit(failedStatus)
    }
}
