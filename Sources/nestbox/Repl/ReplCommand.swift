internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel

/// `nestbox repl`: a session of a service, at the terminal.
struct ReplCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repl", abstract: "Talk to an interpreter in a sandbox of a service.",
        discussion: """
            Each input is a cell of a live session: variables, imports and files stay. Ctrl-C interrupts the cell that is \
            being executed, Ctrl-D on an empty line ends the session, Tab completes, the arrow keys find earlier lines. \
            Input that is not complete continues on the next line.

            With a stdin that is no terminal, all of it is one cell: the status is 0 when it succeeds, 1 when it fails, \
            124 when it came up against a limit, 130 when it was interrupted.

            Where the service asks for a key, it is taken from $NESTBOX_KEY.

            EXAMPLES
              nestbox repl
              nestbox repl ruby --server http://localhost:8080
              echo 'print(6 * 7)' | nestbox repl python
            """)

    @Argument(help: "The language.")
    var language = "python"

    @Option(help: ArgumentHelp("Where the service is.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Option(help: ArgumentHelp("The policy; that of the language by default.", valueName: "name"))
    var policy: String?

    @Option(help: ArgumentHelp("Attach to this session, which goes on when the command ends.", valueName: "id"))
    var session: String?

    mutating func run() async throws {
        var choice = NestboxSessionChoice(language: language, policy: policy)
        choice.sessionID = session
        choice.skipsPast = true
        let isAttached = session != nil
        do {
            let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            let client = try NestboxClient(server, key: key)
            let status = try await client.session(choice) { session in
                try await Repl(session: session, keepsSession: isAttached).run()
            }
            Console.exit(status)
        } catch let error as NestboxError {
            throw CommandFailure(
                APIError(
                    APIError.Code(rawValue: error.code), error.message, retryable: error.retryable,
                    details: error.details))
        }
    }
}
