internal import ConfigurationFiles
internal import Foundation

/// The directories of policies, images and roots, for commands that need no other settings: the same as those of the service.
package struct DirectorySettings: Sendable {
    /// The last one on top.
    package let policies: [String]
    /// The last one on top.
    package let images: [String]
    /// The last one on top; they may be absent.
    package let examples: [String]
    package let state: String
    /// Where the operator's own policies belong, which may not be there yet: below the overlay, or a directory that was named and has
    /// no overlay.
    package let ownPolicies: String
    /// The file of settings exists but this user may not read it: the defaults apply.
    package let unreadable: String?

    private static let names = ["policies", "images", "examples", "overlay", "state"]

    /// - Parameter options: of the command line, by the name of the setting.
    /// - Throws: `SettingsError` about these directories, or a file of settings that cannot be understood.
    package init(
        options: [String: String], environment: [String: String], paths: InstallationPaths
    ) throws(SettingsError) {
        let settings = Setting.all(paths).filter { Self.names.contains($0.name) }
        let layers = SettingLayers(
            settings: settings, arguments: options.sorted { $0.key < $1.key }.map { "--\($0)=\($1)" },
            environment: environment)
        let isClosed = layers.path.map { !FileManager.default.isReadableFile(atPath: $0) } ?? false
        unreadable = isClosed && layers.path.map(SettingValue.isThere) == true ? layers.path : nil
        if unreadable == nil, !layers.fileDiagnostics.isEmpty {
            throw SettingsError(diagnostics: layers.fileDiagnostics)
        }
        var found: [String: SettingLayers.Found] = [:]
        var diagnostics = options.filter { $0.value.isEmpty }.map { "--\($0.key) is empty" }.sorted()
        for setting in settings {
            var value = layers.find(setting)
            value.text = URL(fileURLWithPath: value.text).standardizedFileURL.path
            found[setting.name] = value
            guard setting.name != "state", value.source != .standard, !SettingValue.isDirectory(value.text) else {
                continue
            }
            diagnostics.append(
                ServerSettings.diagnostic(setting.name, value.source, value.text, "a directory that is there"))
        }
        guard diagnostics.isEmpty else { throw SettingsError(diagnostics: diagnostics) }
        policies = Self.layers("policies", found["policies"], found["overlay"])
        images = Self.layers("images", found["images"], found["overlay"])
        examples = Self.layers("examples", found["examples"], found["overlay"])
        state = found["state"]?.text ?? paths.state
        let (base, overlay) = (found["policies"], found["overlay"])
        let isNamed = base?.source != .standard && overlay?.source == .standard
        ownPolicies = isNamed ? base?.text ?? "" : (overlay?.text ?? "") + "/policies"
    }

    /// The directories without any setting.
    package init(defaults paths: InstallationPaths) {
        policies = [paths.policies]
        images = [paths.images]
        examples = [paths.examples]
        state = paths.state
        ownPolicies = paths.overlay + "/policies"
        unreadable = nil
    }

    /// The overlay applies to the installed directory, and to another directory only when both are named.
    static func layers(_ name: String, _ base: SettingLayers.Found?, _ overlay: SettingLayers.Found?) -> [String] {
        guard let base, let overlay else { return [] }
        let directory = overlay.text + "/" + name
        guard overlay.source != .standard || base.source == .standard, !ConfigurationFile.isAbsent(directory) else {
            return [base.text]
        }
        return [base.text, directory]
    }
}
