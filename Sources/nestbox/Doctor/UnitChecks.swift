internal import Foundation
internal import Glibc
internal import ServerSettings

/// The units of systemd, where they are installed and systemd runs.
enum UnitChecks {
    static let units = ["nestbox-keeper.socket", "nestboxd.socket", "nestboxd.service"]

    static func findings() -> [Finding] {
        let directories = ["/etc/systemd/system/", "/lib/systemd/system/", "/usr/lib/systemd/system/"]
        let isInstalled = directories.contains { access($0 + "nestboxd.service", F_OK) == 0 }
        guard isInstalled, Installation.isDirectory("/run/systemd/system") else {
            return [
                Finding(
                    "units", true, found: isInstalled ? "installed; systemd does not run here" : "not installed",
                    consequence: "", remedy: "")
            ]
        }
        return [finding(states: states())]
    }

    /// - Parameter states: what systemd says of each of the units, in their order.
    static func finding(states: [String]) -> Finding {
        let found = zip(units, states).map { "\($0) \($1)" }
        let isActive = states.count == units.count && states.allSatisfy { $0 == "active" }
        return Finding(
            "units", isActive, found: found.isEmpty ? "systemctl says nothing" : found.joined(separator: ", "),
            otherwise: .degraded, consequence: "the service does not run, or takes no connections",
            remedy: "journalctl -u nestboxd, then systemctl enable --now \(units.joined(separator: " "))")
    }

    private static func states() -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/systemctl")
        process.arguments = ["is-active"] + units
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }
}
