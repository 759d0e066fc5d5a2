internal import ArgumentParser
internal import Daemon
internal import Foundation
internal import RunModel
internal import ServerSettings

/// `nestbox config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The settings of the service.", subcommands: [ConfigShowCommand.self])
}

/// `nestbox config show`: what holds, and where it came from.
struct ConfigShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print every setting, its value, and where it came from.",
        discussion: "Takes the settings of nestboxd, so that a command line can be tried. --json prints JSON.",
        helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Settings of nestboxd.", valueName: "setting"))
    var settings: [String] = []

    private struct Line: Encodable {
        let name: String
        let value: String
        let source: String
    }

    func run() async throws {
        let arguments = settings.filter { $0 != "--json" }
        if arguments.contains("--help") || arguments.contains("-h") {
            print("USAGE: nestbox config show [--json] [--config FILE] [--SETTING VALUE ...]")
            return
        }
        do throws(ServerSettings.Mistakes) {
            let all = try ServerSettings(
                arguments: arguments, environment: ProcessInfo.processInfo.environment, places: Installation.places)
            for note in all.notes { Console.note("nestbox: \(note)") }
            if settings.contains("--json") {
                let lines = all.rows.map { Line(name: $0.name, value: $0.value, source: $0.source.description) }
                print(String(decoding: (try? JSONText.encode(lines, pretty: true)) ?? [], as: UTF8.self))
            } else {
                let width = (all.rows.map(\.name.count).max() ?? 0) + 2
                let values = (all.rows.map(\.value.count).max() ?? 0) + 2
                for row in all.rows {
                    print(
                        row.name.padding(toLength: width, withPad: " ", startingAt: 0)
                            + row.value.padding(toLength: values, withPad: " ", startingAt: 0) + "\(row.source)")
                }
            }
        } catch {
            for line in error.lines { Console.complain(line) }
            Console.exit(64)
        }
    }
}
