internal import ArgumentParser
internal import Foundation
internal import RunModel

/// `nestbox manual DIR`: writes the man pages, which deploy/up installs.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Write the man pages of all commands into a directory.",
        discussion: "nestbox.1 and a page for each command, and nestboxd.8; deploy/up installs them.",
        shouldDisplay: false)

    @Argument(help: ArgumentHelp("The directory; it is made when missing.", valueName: "dir"), completion: .directory)
    var directory: String

    func run() throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for page in try ManualPage.all() {
                try Data(page.text.utf8).write(to: URL(fileURLWithPath: directory + "/" + page.file))
                Console.say(page.file)
            }
        } catch {
            throw CommandFailure(
                APIError(.internalError, "cannot write man pages into \(directory): \(error.localizedDescription)"))
        }
    }
}
