internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import NestboxClient
internal import RunModel
internal import StrictJSON

struct WorkspaceExecCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Execute a command in a workspace.",
        discussion: """
            Its output comes as it is written, and its exit status is that of this command: 128 and the signal's number \
            where a signal ended it, 124 where its time was over, 125 where it could not be executed. A stdin that is no \
            terminal, up to 1 MiB, is the command's.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    @Option(help: ArgumentHelp("The folder in which it begins, below /box.", valueName: "path"))
    var cwd: String?

    @Option(help: ArgumentHelp("How long it may take, such as 30s.", valueName: "time"))
    var timeout: String?

    @Option(help: ArgumentHelp("What to call it, for logs and signals.", valueName: "name"))
    var name: String?

    @Flag(help: "Do not wait for its end; print its id.")
    var detach = false

    @Argument(
        parsing: .postTerminator, help: "After --: the command and its arguments; one word alone goes to a shell.")
    var command: [String] = []

    /// The most that is read of stdin.
    private static let maximumInput = 1 << 20

    mutating func run() async throws {
        guard !command.isEmpty else {
            throw CommandFailure(APIError(.invalidRequest, "a command is missing; it comes after --"))
        }
        let body = try request()
        let path = "/\(WorkspaceOptions.component(id))/exec"
        if detach {
            let process = try await options.use { try await $0.workspace("POST", path, body: body) }
            return Console.say(process.text("process_id") ?? "")
        }
        let end = try await options.use { client in
            var lines = ProcessEventLines()
            try await client.workspaces("POST", path, body: body) { bytes in lines.show(bytes) }
            return lines.end
        }
        guard let end else {
            throw CommandFailure(
                APIError(.internalError, "the service did not say how the command ended", retryable: true))
        }
        if case .failed(let reason) = end { Console.complain(reason) }
        Console.exit(end.status)
    }

    private func request() throws -> [UInt8] {
        var body = JSONBytes(size: 512)
        body.open()
        body.key("command")
        if command.count == 1 { body.string(command[0]) } else { body.array(command) { $0.string($1) } }
        for (key, value) in [("cwd", cwd), ("timeout", timeout), ("name", name)] {
            if let value { body.member(key, value) }
        }
        if detach {
            body.member("detached", true)
        } else {
            body.member("stream", true)
            body.member("keep_stdin", false)
            if !Console.isTerminal(Console.input) { body.member("stdin", try Self.input()) }
        }
        body.close()
        return body.bytes
    }

    private static func input() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= maximumInput {
            let count = read(Console.input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        guard bytes.count <= maximumInput, let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(
                APIError(.invalidRequest, "stdin is not UTF-8, or is larger than \(maximumInput) bytes"))
        }
        return text
    }
}

struct WorkspacePsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ps", abstract: "List the processes of a workspace.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String

    mutating func run() async throws {
        let path = "/\(WorkspaceOptions.component(id))/processes"
        let found = try await options.use { try await $0.workspace("GET", path).objects("processes") }
        let rows = found.map { process in
            var words: [String] = []
            if case .array(let list)? = process["command"] {
                words = list.compactMap { if case .string(let word) = $0 { word } else { nil } }
            }
            let line = words.joined(separator: " ").unicodeScalars.prefix(80).map { $0.value < 0x20 ? " " : String($0) }
            return [
                process.text("process_id") ?? "", process.text("name") ?? "-", process.text("state") ?? "",
                process.whole("exit_code").map(String.init) ?? process.text("signal") ?? "-", line.joined(),
            ]
        }
        for line in Table.lines([["PROCESS", "NAME", "STATE", "END", "COMMAND"]] + rows) { Console.say(line) }
    }
}

struct WorkspaceLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a process of a workspace has written.")

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String
    @Argument(help: "The process: its id or its name.") var process: String

    @Flag(help: "Go on with what it writes.")
    var follow = false

    mutating func run() async throws {
        let base = "/\(WorkspaceOptions.component(id))/processes/\(WorkspaceOptions.component(process))/logs"
        let follows = follow
        try await options.use { client in
            var lines = ProcessEventLines()
            if follows {
                try await client.workspaces("GET", base + "?follow=1") { bytes in lines.show(bytes) }
            } else {
                for entry in try await client.workspace("GET", base).objects("log") { lines.show(entry) }
            }
        }
    }
}
