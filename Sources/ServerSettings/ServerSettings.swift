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
            var found = layers.find(setting)
            if found.source == .standard, let text = Self.derived(setting.name, texts) {
                found = SettingLayers.Found(text: text, list: [], source: .standard)
            }
            rows.append(Row(name: setting.name, value: found.text, source: found.source))
            texts[setting.name] = found.text
            lists[setting.name] = found.list.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            do throws(SettingValue.Invalid) {
                numbers[setting.name] = try SettingValue.number(found.text, setting.kind)
            } catch {
                // A default can be wrong only because it follows another setting, which is named already.
                guard found.source != .standard else { continue }
                mistakes.append(Self.mistake(setting.name, found.source, found.text, error.allowed))
            }
        }
        self.rows = rows
        self.texts = texts
        self.lists = lists
        self.numbers = numbers
        let address = SettingValue.address(texts["listen"] ?? "")
        if address == nil {
            mistakes.append(
                Self.mistake(
                    rows, "listen", texts["listen"] ?? "",
                    "an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080"))
        }
        host = address?.host ?? ""
        port = address?.port ?? 0
        notes = layers.notes
        mistakes += contradictions()
        guard mistakes.isEmpty else { throw Mistakes(lines: mistakes) }
    }

    /// Defaults that follow another setting, which stands before them in `Setting.all`.
    private static func derived(_ name: String, _ texts: [String: String]) -> String? {
        switch name {
        case "keys": texts["state"].flatMap { $0.isEmpty ? nil : $0 + "/keys.json" }
        // Nobody alone keeps the others out.
        case "max_connections_per_address":
            texts["max_connections"].flatMap { Int64($0) }.map { String(max($0 / 4, 1)) }
        // However much one asks for, somebody else finds a place at once.
        case "max_running_per_client":
            texts["max_running_runs"].flatMap { Int($0) }.map { String(max($0 - max($0 / 4, 1), 1)) }
        default: nil
        }
    }

    private func source(_ name: String) -> SettingSource { rows.first { $0.name == name }?.source ?? .standard }

    private static func mistake(_ rows: [Row], _ name: String, _ found: String, _ allowed: String) -> String {
        mistake(name, rows.first { $0.name == name }?.source ?? .standard, found, allowed)
    }

    static func mistake(_ name: String, _ source: SettingSource, _ found: String, _ allowed: String) -> String {
        "\(name) (\(source)): found \(ConfigurationMistake.quote(found)), allowed \(allowed)"
    }

    /// What no single value shows.
    private func contradictions() -> [String] {
        var mistakes: [String] = []
        func add(_ name: String, _ found: String, _ allowed: String) {
            mistakes.append(Self.mistake(rows, name, found, allowed))
        }
        if self["tls_certificate"].isEmpty != self["tls_key"].isEmpty {
            mistakes.append("tls_certificate and tls_key: found one of them, allowed both or none")
        }
        if auth == .off, !host.isEmpty, !isLoopback, number("insecure_no_auth") == 0 {
            add("auth", "off", "with insecure_no_auth: true only, since others can reach \(host)")
        }
        for name in ["cors_origins", "websocket_origins", "embed_origins"] {
            for origin in list(name) where !SettingValue.isOrigin(origin) {
                add(name, origin, "exact origins such as https://example.org")
            }
        }
        for host in list("allowed_hosts") where !SettingValue.isHost(host) {
            add("allowed_hosts", host, "names such as nestbox.example.org, *.example.org or [::1]:8080")
        }
        for block in list("trusted_proxies") where !SettingValue.isBlock(block) {
            add("trusted_proxies", block, "addresses and blocks such as 10.0.0.0/8 or fd00::/8")
        }
        for name in ["policies", "images", "web"] where !SettingValue.isFolder(self[name]) {
            add(name, self[name], "a folder that is there")
        }
        if self["state"].isEmpty || (SettingValue.isThere(self["state"]) && !SettingValue.isFolder(self["state"])) {
            add("state", self["state"], "a folder")
        }
        if source("overlay") != .standard, !SettingValue.isFolder(self["overlay"]) {
            add("overlay", self["overlay"], "a folder that is there")
        }
        for name in ["max_body", "max_message"] where number(name) > number("body_memory") {
            add("body_memory", self["body_memory"], "at least \(name), which is \(self[name])")
        }
        let log = self["access_log"]
        if !["stderr", "off"].contains(log), !log.hasPrefix("/") {
            add("access_log", log, "stderr, off, or the absolute path of a file")
        }
        if self["user"].isEmpty { add("user", "", "the name of a user") }
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

    /// The folders of policies, the last one on top.
    package var policyFolders: [String] { folders("policies") }

    /// The folders of images, the last one on top.
    package var imageFolders: [String] { folders("images") }

    private func folders(_ name: String) -> [String] {
        func found(_ name: String) -> SettingLayers.Found {
            SettingLayers.Found(text: self[name], list: [], source: source(name))
        }
        return FolderSettings.layers(name, found(name), found("overlay"))
    }

    package var keyFile: String { self["keys"] }

    package var isTLS: Bool { !self["tls_certificate"].isEmpty }
}
