internal import ArgumentParser
internal import Glibc
internal import RunModel
internal import ServerSettings

/// `nestbox serve`: becomes nestboxd, for people who have a build.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve runs over HTTP, server-sent events and WebSocket, as nestboxd does.",
        discussion: "Takes the settings of nestboxd; 'nestbox serve --help' lists them.", helpNames: [])

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("Settings of nestboxd.", valueName: "setting"),
        completion: .custom { words, _, _ in Completions.settings(after: words) })
    var settings: [String] = []

    func run() throws {
        if settings.contains("--help") || settings.contains("-h") {
            return Console.say(ServerHelp.text(name: ServerHelp.serveName))
        }
        guard case .success(let executable) = Installation.companion("nestboxd") else {
            throw CommandFailure(
                APIError(.programNotFound, "nestboxd is missing or not executable beside \(Installation.executable)"),
                asJSON: false)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([ServerHelp.serveName] + settings).map { strdup($0) }
        words.append(nil)
        execv(executable, words)
        throw CommandFailure(
            APIError(.programNotFound, "\(executable): \(String(cString: strerror(errno)))"), asJSON: false)
    }
}
