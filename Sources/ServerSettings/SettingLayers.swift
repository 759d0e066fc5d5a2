internal import Configuration
internal import ConfigurationFiles
internal import Foundation

/// Flags over variables over the file over defaults, read through swift-configuration; records the layer of each value
/// and collects all errors.
struct SettingLayers {
    struct Found {
        var text: String
        let list: [String]
        let source: SettingSource
    }

    private let settings: [Setting]
    private let flags: ConfigReader
    private let variables: ConfigReader
    private let file: ConfigReader
    private let lines: [String: SettingSource]
    private(set) var diagnostics: [String] = []
    private(set) var notes: [String] = []
    /// The errors that make the whole file unusable.
    private(set) var fileDiagnostics: [String] = []
    /// The file that was read, if any.
    let path: String?

    init(settings: [Setting], arguments: [String], environment: [String: String]) {
        self.settings = settings
        var diagnostics: [String] = []
        var notes: [String] = []
        let (clean, given) = Self.check(arguments, settings, &diagnostics)
        flags = ConfigReader(provider: CommandLineArgumentsProvider(arguments: ["nestboxd"] + clean))
        let known = Set(
            settings.map(\.variable) + ["NESTBOX_CONFIG", "NESTBOX_WARDEN", "NESTBOX_WARDEN_FD", "NESTBOX_KEEPER"])
        for name in environment.keys.sorted() where name.hasPrefix("NESTBOX_") && !known.contains(name) {
            notes.append("variable $\(name) is not known")
        }
        // An empty variable is none.
        variables = ConfigReader(
            provider: EnvironmentVariablesProvider(environmentVariables: environment.filter { !$0.value.isEmpty }))
        let wanted = given ?? environment["NESTBOX_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let usual = "/etc/nestbox/nestbox.yaml"
        path = wanted ?? (FileManager.default.fileExists(atPath: usual) ? usual : nil)
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        var lines: [String: SettingSource] = [:]
        if let path {
            fileDiagnostics = Self.read(path, settings, &values, &lines, &diagnostics)
            diagnostics += fileDiagnostics
        }
        file = ConfigReader(provider: InMemoryProvider(name: "file", values: values))
        self.lines = lines
        self.diagnostics = diagnostics
        self.notes = notes
    }

    /// The value of a setting, from the first layer that has one.
    func find(_ setting: Setting) -> Found {
        let isList = setting.kind == .list
        func read(_ reader: ConfigReader, _ key: String, _ source: SettingSource) -> Found? {
            let key = ConfigKey([key])
            if !isList, case .flag = source {
                // The provider splits flags at commas and then has no string for them: the value would be ignored.
                return reader.stringArray(forKey: key).map {
                    Found(text: $0.joined(separator: ","), list: [], source: source)
                }
            }
            if isList {
                return reader.stringArray(forKey: key).map { values in
                    let values = values.flatMap { $0.split(separator: ",").map(String.init) }
                    return Found(text: values.joined(separator: ","), list: values, source: source)
                }
            }
            return reader.string(forKey: key).map { Found(text: $0, list: [], source: source) }
        }
        return read(flags, String(setting.flag.dropFirst(2)), .flag(setting.flag))
            ?? read(variables, setting.variable, .variable(setting.variable))
            ?? read(file, setting.name, lines[setting.name] ?? .standard)
            ?? Found(text: setting.standard, list: [], source: .standard)
    }

    /// The provider accepts anything that looks like a flag; misspelled flags are found here.
    private static func check(
        _ arguments: [String], _ settings: [Setting], _ diagnostics: inout [String]
    ) -> (clean: [String], config: String?) {
        var clean: [String] = []
        var config: String?
        var seen: Set<String> = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map(String.init) ?? ""
            let setting = settings.first { $0.flag == name }
            guard name.hasPrefix("-") else {
                diagnostics.append(
                    "unexpected argument \(ConfigurationDiagnostic.quote(name)), allowed are settings: --SETTING VALUE")
                continue
            }
            guard setting != nil || name == "--config" else {
                let hint = Suggestion.hint(for: name, among: settings.map(\.flag) + ["--config"])
                diagnostics.append(
                    "unknown option \(ConfigurationDiagnostic.quote(name))" + (hint.map { ", \($0)" } ?? ""))
                continue
            }
            var value = parts.count == 2 ? String(parts[1]) : nil
            if value == nil, setting?.kind == .flag {
                value = "true"
            } else if value == nil {
                guard let next = rest.first, !next.hasPrefix("--") else {
                    diagnostics.append("\(name) needs a value")
                    continue
                }
                value = rest.removeFirst()
            }
            guard setting?.kind == .list || seen.insert(name).inserted else {
                diagnostics.append("\(name) is there twice")
                continue
            }
            guard let value, !value.isEmpty else {
                diagnostics.append("\(name) is empty")
                continue
            }
            if name == "--config" { config = value } else { clean += ["\(name)=\(value)"] }
        }
        return (clean, config)
    }

    /// - Returns: why nothing of it could be read; errors of single settings are added to `errors`.
    private static func read(
        _ path: String, _ settings: [Setting], _ values: inout [AbsoluteConfigKey: ConfigValue],
        _ lines: inout [String: SettingSource], _ diagnostics: inout [String]
    ) -> [String] {
        let document: YAMLNode
        do throws(ConfigurationError) {
            document = try ConfigurationFile.document(atPath: path, allowsEmpty: true)
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
        if document.isNull { return [] }
        guard case .mapping(let entries) = document.content else {
            return ["\(path): found no mapping, expected are settings such as listen: 127.0.0.1:8080"]
        }
        for entry in entries {
            let place = "\(path):\(entry.keyLocation.line): \(entry.key)"
            guard let setting = settings.first(where: { $0.name == entry.key }) else {
                let hint = Suggestion.hint(for: entry.key, among: settings.map(\.name))
                diagnostics.append("\(place): unknown setting" + (hint.map { ", \($0)" } ?? ""))
                continue
            }
            guard !entry.value.isNull else {
                diagnostics.append("\(place): found nothing, allowed a value; without the line the default holds")
                continue
            }
            let key = AbsoluteConfigKey([setting.name])
            switch entry.value.content {
            case .scalar(let text, _) where setting.kind != .list:
                values[key] = ConfigValue(.string(text), isSecret: false)
            case .sequence(let nodes) where setting.kind == .list:
                let texts = nodes.compactMap { if case .scalar(let text, _) = $0.content { text } else { nil } }
                guard texts.count == nodes.count else {
                    diagnostics.append("\(place): found a nested value, expected is a list of texts")
                    continue
                }
                values[key] = ConfigValue(.stringArray(texts), isSecret: false)
            default:
                diagnostics.append("\(place): expected is \(setting.kind == .list ? "a list" : "one value")")
                continue
            }
            lines[setting.name] = .file(path, line: entry.keyLocation.line)
        }
        return []
    }
}
