import Foundation
import TestSupport

@testable import ServerSettings

/// An installation to try settings in: three directories, and room for a file.
final class SettingsFixture {
    private let directory: TemporaryDirectory
    var path: String { directory.path }

    init() throws {
        directory = try TemporaryDirectory()
        for name in ["policies", "images", "examples", "web", "state", "other"] { try directory.makeDirectory(name) }
        try write("{}\n")
    }

    var file: String { path + "/nestbox.yaml" }

    var paths: InstallationPaths {
        InstallationPaths(
            policies: path + "/policies", images: path + "/images", examples: path + "/examples",
            overlay: path + "/etc", state: path + "/state",
            web: path + "/web",
            processors: 3)
    }

    func write(_ yaml: String) throws { try Data(yaml.utf8).write(to: URL(fileURLWithPath: file)) }

    /// Always with a file of ours: the machine may have one in /etc.
    func settings(
        _ arguments: [String] = [], environment: [String: String] = [:], yaml: String? = nil
    ) throws -> ServerSettings {
        if let yaml { try write(yaml) }
        let environment = environment.merging(["NESTBOX_CONFIG": file]) { given, _ in given }
        return try ServerSettings(arguments: arguments, environment: environment, paths: paths)
    }

    /// What is wrong, line by line.
    func diagnostics(
        _ arguments: [String] = [], environment: [String: String] = [:], yaml: String? = nil
    ) throws -> [String] {
        do {
            _ = try settings(arguments, environment: environment, yaml: yaml)
            return []
        } catch let error as SettingsError {
            return error.diagnostics
        }
    }
}

extension ServerSettings {
    func row(_ name: String) -> Row? { rows.first { $0.name == name } }
}
