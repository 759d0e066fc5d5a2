internal import Foundation
internal import ServerSettings

/// What nestboxd is started with besides its settings: listening sockets, a service manager, a service to replace.
struct DaemonStart: Sendable {
    /// The arguments that are left: settings.
    let arguments: [String]
    let sockets: GivenSockets
    /// The service whose sockets these are, and that has to be told.
    let replaced: ReplacedService?
    let manager: ServiceManager

    /// - Throws: `GivenSockets.Problem`.
    init(arguments: [String], environment: [String: String]) throws(GivenSockets.Problem) {
        var rest: [String] = []
        var process: String?
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            if argument == "--replace" {
                process = iterator.next() ?? ""
            } else if argument.hasPrefix("--replace=") {
                process = String(argument.dropFirst("--replace=".count))
            } else {
                rest.append(argument)
            }
        }
        self.arguments = rest
        manager = ServiceManager(environment: environment)
        let given = try GivenSockets(environment: environment)
        guard let process else {
            (sockets, replaced) = (given, nil)
            return
        }
        guard given.isEmpty else {
            throw GivenSockets.Problem(description: "--replace and LISTEN_FDS: found both, allowed is one of them")
        }
        let service = try ReplacedService(pid: process)
        (sockets, replaced) = (try service.sockets(), service)
    }

    /// The service listens on the sockets it was given, and not where its settings say.
    func apply(to settings: inout ServerSettings) throws(SettingsError) {
        guard !sockets.isEmpty else { return }
        try settings.listen(
            on: sockets.addresses.map { ServerSettings.Listen.Address(host: $0.host, port: $0.port) })
    }
}
