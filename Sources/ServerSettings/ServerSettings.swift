internal import Foundation
internal import Policies

/// The configuration of the service: complete and checked.
package struct ServerSettings: Sendable {
    package struct Row: Sendable, Equatable {
        package let name: String
        package let value: String
        package let source: SettingSource
    }

    /// Everything that is wrong, one line each.
    package struct Mistakes: Error, Sendable, CustomStringConvertible {
        package let lines: [String]

        package init(lines: [String]) {
            self.lines = lines
        }

        package var description: String { lines.joined(separator: "\n") }
    }

    package enum Auth: String, Sendable {
        case auto, required, off
    }

    /// What holds, in the order of `Setting.all`.
    package let rows: [Row]
    /// Things that are odd and not wrong.
    package let notes: [String]
    package let host: String
    package let port: Int
    private let texts: [String: String]
    private let lists: [String: [String]]
    private let numbers: [String: Int64]

    /// - Parameters:
    ///   - arguments: without the name of the program.
    /// - Throws: `Mistakes`, all at once.
    package init(
        arguments: [String], environment: [String: String], places: SettingPlaces
    ) throws(Mistakes) {
        let settings = Setting.all(places)
        let layers = SettingLayers(settings: settings, arguments: arguments, environment: environment)
        var mistakes = layers.mistakes
        var rows: [Row] = []
        var texts: [String: String] = [:]
        var lists: [String: [String]] = [:]
        var numbers: [String: Int64] = [:]
        for setting in settings {
            let found = layers.find(setting)
            rows.append(Row(name: setting.name, value: found.text, source: found.source))
            texts[setting.name] = found.text
            lists[setting.name] = found.list.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            do throws(SettingValue.Invalid) {
                numbers[setting.name] = try SettingValue.number(found.text, setting.kind)
            } catch {
                mistakes.append(
                    "\(setting.name) (\(found.source)): found \(ConfigurationMistake.quote(found.text)), "
                        + "allowed \(error.allowed)")
            }
        }
        let address = SettingValue.address(texts["listen"] ?? "")
        if address == nil {
            mistakes.append(
                "listen: found \(ConfigurationMistake.quote(texts["listen"] ?? "")), allowed an IP address and a port, "
                    + "such as 127.0.0.1:8080 or [::1]:8080")
        }
        host = address?.host ?? ""
        port = address?.port ?? 0
        self.rows = rows
        self.texts = texts
        self.lists = lists
        self.numbers = numbers
        notes = layers.notes
        mistakes += contradictions()
        guard mistakes.isEmpty else { throw Mistakes(lines: mistakes) }
    }

    /// What no single value shows.
    private func contradictions() -> [String] {
        var mistakes: [String] = []
        if self["tls_certificate"].isEmpty != self["tls_key"].isEmpty {
            mistakes.append("tls_certificate and tls_key: found one of them, allowed both or none")
        }
        if auth == .off, !isLoopback, number("insecure_no_auth") == 0 {
            mistakes.append(
                "auth: found off on \(host), which others can reach; allowed with insecure_no_auth: true only")
        }
        for name in ["cors_origins", "websocket_origins"] {
            for origin in list(name) where !SettingValue.isOrigin(origin) {
                mistakes.append(
                    "\(name): found \(ConfigurationMistake.quote(origin)), allowed exact origins such as https://example.org"
                )
            }
        }
        for name in ["policies", "images", "web"] where !SettingValue.isFolder(self[name]) {
            mistakes.append("\(name): found \(ConfigurationMistake.quote(self[name])), allowed a folder that is there")
        }
        return mistakes
    }

    /// A value as text.
    package subscript(name: String) -> String { texts[name] ?? "" }

    package func list(_ name: String) -> [String] { lists[name] ?? [] }

    /// A count, bytes, nanoseconds, or 1 for true.
    package func number(_ name: String) -> Int64 { numbers[name] ?? 0 }

    package func int(_ name: String) -> Int { Int(clamping: number(name)) }

    package var auth: Auth { Auth(rawValue: self["auth"]) ?? .required }

    package var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

    package var asksForKeys: Bool {
        switch auth {
        case .auto: !isLoopback
        case .required: true
        case .off: false
        }
    }

    package var keyFile: String { self["keys"].isEmpty ? self["state"] + "/keys.json" : self["keys"] }

    package var isTLS: Bool { !self["tls_certificate"].isEmpty }
}
