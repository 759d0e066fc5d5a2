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
        return [finding(states: ask("is-active"), enabled: ask("is-enabled"))]
    }

    /// - Parameters:
    ///   - states: what systemd says of each of the units, in their order.
    ///   - enabled: whether each is started with the machine, in systemd's words. The service listens by itself where its socket is not.
    static func finding(states: [String], enabled: [String] = []) -> Finding {
        let isOff = units.indices.map {
            units[$0] == "nestboxd.socket" && enabled.count == units.count && enabled[$0] == "disabled"
        }
        let found = zip(units, zip(states, isOff)).map { "\($0) \($1.1 ? "disabled" : $1.0)" }
        let isActive = states.count == units.count && zip(states, isOff).allSatisfy { $0 == "active" || $1 }
        return Finding(
            "units", isActive, found: found.isEmpty ? "systemctl says nothing" : found.joined(separator: ", "),
            otherwise: .degraded, consequence: "the service does not run, or takes no connections",
            remedy: "journalctl -u nestboxd, then systemctl enable --now \(units.joined(separator: " "))")
    }

    /// One word for each unit; none when systemd does not answer in five seconds.
    private static func ask(_ question: String) -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["5", "systemctl", question] + units
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return [] }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }
}
