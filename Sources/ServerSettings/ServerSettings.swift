internal import ConfigurationFiles

/// The configuration of the service: complete and checked.
package struct ServerSettings: Sendable {
    /// One setting, as it is shown.
    package struct Row: Sendable, Equatable {
        package let name: String
        package let value: String
        package let source: SettingSource
    }

    package internal(set) var listen = Listen()
    package internal(set) var paths = Paths()
    package internal(set) var access = Access()
    package internal(set) var limits = Limits()
    package internal(set) var timeouts = Timeouts()
    package internal(set) var log = Log()
    package internal(set) var traces = Traces()
    /// All settings and their values, in the order of `Setting.all`.
    package private(set) var rows: [Row] = []
    /// Warnings.
    package let notes: [String]

    /// - Parameters:
    ///   - arguments: without the name of the program.
    /// - Throws: `SettingsError` with all errors.
    package init(
        arguments: [String], environment: [String: String], paths: InstallationPaths
    ) throws(SettingsError) {
        let settings = Setting.all(paths)
        let layers = SettingLayers(settings: settings, arguments: arguments, environment: environment)
        notes = layers.notes
        var diagnostics = layers.diagnostics
        var found: [String: SettingLayers.Found] = [:]
        for setting in settings {
            var value = layers.find(setting)
            if value.source == .standard, let text = setting.derived(self) {
                value = SettingLayers.Found(text: text, list: [], source: .standard)
            }
            found[setting.name] = value
            rows.append(Row(name: setting.name, value: value.text, source: value.source))
            do throws(SettingValue.Invalid) {
                try setting.assign(value, &self)
            } catch {
                // A default can be wrong only because it depends on another setting, which is reported already.
                guard value.source != .standard else { continue }
                for text in error.found {
                    diagnostics.append(Self.diagnostic(setting.name, value.source, text, error.allowed))
                }
            }
        }
        let check = SettingCheck(settings: self, found: found)
        diagnostics += check.contradictions()
        guard diagnostics.isEmpty else { throw SettingsError(diagnostics: diagnostics) }
        self.paths.policyDirectories = check.directories("policies")
        self.paths.imageDirectories = check.directories("images")
        self.paths.exampleDirectories = check.directories("examples")
    }

    static func diagnostic(_ name: String, _ source: SettingSource, _ found: String, _ allowed: String) -> String {
        "\(name) (\(source)): found \(ConfigurationDiagnostic.quote(found)), allowed \(allowed)"
    }
}
