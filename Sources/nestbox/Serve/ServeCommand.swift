internal import ArgumentParser
internal import Daemon

/// `nestbox serve`: nestboxd, for people who have a build.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve runs over HTTP, server-sent events and WebSocket, as nestboxd does.",
        discussion: "Takes the settings of nestboxd; 'nestbox serve --help' lists them.", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Settings of nestboxd.", valueName: "setting"))
    var settings: [String] = []

    func run() async throws {
        Console.exit(await DaemonCommand.run(name: "nestbox serve", arguments: settings))
    }
}
