internal import ArgumentParser
internal import Foundation
internal import Images
internal import Policies
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

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("Settings of nestboxd.", valueName: "setting"),
        completion: .custom { words, _, _ in Completions.settings(after: words) })
    var settings: [String] = []

    private struct Line: Encodable {
        let name: String
        let value: String
        let source: String
    }

    func run() async throws {
        let arguments = settings.filter { $0 != "--json" }
        if arguments.contains("--help") || arguments.contains("-h") {
            return Console.say(Self.help)
        }
        do throws(SettingsError) {
            let all = try ServerSettings(
                arguments: arguments, environment: ProcessInfo.processInfo.environment, paths: Installation.paths)
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
                for line in Self.inForce(all) { print(line) }
            }
        } catch {
            throw CommandFailure(
                APIError(.invalidRequest, error.diagnostics.joined(separator: "\n")),
                asJSON: settings.contains("--json"))
        }
    }

    /// Which files the overlay has in force; nothing without one.
    private static func inForce(_ settings: ServerSettings) -> [String] {
        let policies = try? PolicySet.usable(directories: settings.paths.policyDirectories)
        let images = try? ImageLibrary.usable(directories: settings.paths.imageDirectories)
        var lines: [String] = []
        for (kind, directories, replaced) in [
            ("policies", settings.paths.policyDirectories, policies?.replaced),
            ("images", settings.paths.imageDirectories, images?.replaced),
        ] where directories.count > 1 {
            lines.append("")
            lines.append("\(kind) of \(directories[1]) lie over those of \(directories[0])")
            lines += Overlays.lines(replaced ?? [:], directories).map { "  " + $0 }
        }
        return lines
    }

    private static let help = """
        USAGE: nestbox config show [--json] [--config FILE] [--SETTING VALUE ...]

        Prints every setting of the service, its value, and where it came from: default, FILE:LINE, $VARIABLE or the flag.
        Takes the settings of the service, so that a command line can be tried; 'nestbox serve --help' lists them. Exit
        status 125 when any of them is wrong.
        """
}
