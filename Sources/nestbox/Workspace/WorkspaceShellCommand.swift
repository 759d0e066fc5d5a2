internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import NestboxClient
internal import RunModel
internal import SandboxSpec
internal import StrictJSON

struct WorkspaceShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell", abstract: "A terminal in a workspace.",
        discussion: """
            Ends with its program, and with that one's exit status. When the connection is lost, the program goes on, and \
            --attach comes back to it.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    @Option(help: ArgumentHelp("What runs on the terminal.", valueName: "line"))
    var command = "exec bash || exec sh"

    @Option(help: ArgumentHelp("Come back to this process instead, by its id or name.", valueName: "process"))
    var attach: String?

    mutating func run() async throws {
        guard Console.isTerminal(Console.input), Console.isTerminal(Console.output) else {
            throw CommandFailure(
                APIError(.invalidRequest, "this is for a terminal; 'nestbox workspace exec' is for everything else"))
        }
        let (id, line, attached) = (WorkspaceOptions.component(id), command, attach)
        let end = try await options.use { client in
            let process: String
            if let attached { process = attached } else { process = try await Self.start(line, id, client) }
            return try await Self.talk(client, id, WorkspaceOptions.component(process))
        }
        RawTerminal.restore()
        guard let end else {
            throw CommandFailure(
                APIError(.internalError, "the terminal was closed before its program ended", retryable: true))
        }
        var lines = ProcessEventLines()
        lines.show(end)
        Console.exit(lines.end?.status ?? ExitTable.failed)
    }

    private static func start(_ line: String, _ id: String, _ client: NestboxClient) async throws -> String {
        var body = JSONBytes(size: 256)
        body.open()
        body.member("command", line)
        body.member("detached", true)
        body.key("env")
        body.dictionary(["TERM": ProcessInfo.processInfo.environment["TERM"] ?? "xterm-256color"]) { $0.string($1) }
        body.key("tty")
        body.open()
        let size = RawTerminal.size
        body.member("rows", Int64(size?.rows ?? 24))
        body.member("columns", Int64(size?.columns ?? 80))
        body.close()
        body.close()
        return try await client.workspace("POST", "/\(id)/exec", body: body.bytes).text("process_id") ?? ""
    }

    private static func talk(_ client: NestboxClient, _ id: String, _ process: String) async throws -> JSONObject? {
        let (input, typed) = AsyncStream.makeStream(of: TerminalInput.self, bufferingPolicy: .bufferingNewest(1024))
        try Signals.watch([SIGWINCH]) { _ in
            if let size = RawTerminal.size { typed.yield(.size(size)) }
        }
        if let size = RawTerminal.size { typed.yield(.size(size)) }
        RawTerminal.enter()
        try DetachedThread.start {
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(Console.input, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                typed.yield(.bytes(Array(buffer.prefix(count))))
            }
            typed.finish()
        }
        return try await client.terminal(of: id, process: process, input: input) { bytes in
            Console.write(bytes, to: Console.output)
        }
    }
}
