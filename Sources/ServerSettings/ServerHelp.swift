internal import Foundation

/// The help text of the service. `nestbox serve --help` prints the same.
package enum ServerHelp {
    /// The name under which `nestbox serve` starts nestboxd.
    package static let serveName = "nestbox serve"

    /// - Parameter name: the name under which the service was started.
    package static func text(name: String) -> String {
        let settings = Setting.all(Installation.paths)
        let width = (settings.map { $0.flag.count }.max() ?? 0) + 2
        let lines = settings.map { setting in
            let value = setting.standard.isEmpty ? "" : " [\(setting.standard)]"
            return "  \(setting.flag.padding(toLength: width, withPad: " ", startingAt: 0))\(setting.help)\(value)"
        }
        return """
            USAGE: \(name) [--config FILE] [--replace PID] [--SETTING VALUE ...]

            Serves runs over HTTP, server-sent events and WebSocket. Started by root, it keeps a small root process for
            sandboxes and itself becomes another user.

            SETTINGS (flags over $NESTBOX_… over the file, by default /etc/nestbox/nestbox.yaml)
            \(lines.joined(separator: "\n"))

            --replace PID takes the listening sockets of the nestboxd with that process id, and has it drain: no client is refused.
            Sockets that systemd passes on (LISTEN_FDS) are used instead of the address in `listen`, too.

            SIGTERM and SIGINT stop it in order; SIGHUP reads policies, images and certificates again.
            'nestbox config show' prints every setting, its value and its source.

            EXIT STATUS
              0    it was stopped in order
              1    it could not start or continue
              125  settings are wrong, and nothing was started
            """
    }
}
