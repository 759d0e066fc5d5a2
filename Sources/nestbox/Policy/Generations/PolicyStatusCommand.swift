internal import ArgumentParser
internal import Foundation
internal import RuleGenerations
internal import RunModel
internal import ServerSettings

struct PolicyStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show which generation is in force, and what became of the last change.",
        discussion:
            "Reads what the service of this machine has written in its state directory. Exit status 1 when the last change was refused."
    )

    @OptionGroup var directories: DirectoryOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        let state = directories.found.state
        guard let status = ReloadStatusFile(history: GenerationHistory(state: state)).status else {
            throw CommandFailure(
                APIError(
                    .notFound, "no service has written its state in \(state)/generations (--state names another place)"),
                asJSON: json)
        }
        if json {
            try Output.json(status)
        } else {
            for line in Self.lines(status) { Console.say(line) }
        }
        Console.exit(status.isWell ? ExitTable.done : ExitTable.found)
    }

    private static func lines(_ status: ReloadStatus) -> [String] {
        var lines = [
            "generation  \(status.generation), in force since \(GenerationText.time(status.loadedAt))",
            "digest      \(GenerationText.printable(status.digest))",
            "service     process \(status.pid)" + (ServiceProcess.isRunning(status) ? "" : ", which has ended"),
        ]
        if let last = status.last {
            lines.append(
                "last        \(last.outcome.rawValue), \(GenerationText.time(last.at)), because of: "
                    + GenerationText.printable(last.reason)
                    + (last.by.map { ", by \(GenerationText.printable($0))" } ?? ""))
            if !last.changed.isEmpty {
                lines.append("policies    " + GenerationText.printable(last.changed.joined(separator: ", ")))
            }
            lines += last.errors.map { "  " + GenerationText.printable($0) }
        }
        if let error = status.historyError {
            lines.append("history     not written: " + GenerationText.printable(error))
        }
        return lines
    }
}
