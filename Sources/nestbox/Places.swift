internal import ArgumentParser
internal import Daemon
internal import Foundation

/// Where Nestbox keeps its things; the same options on every command.
struct Places: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of policies.", discussion: "Default: $NESTBOX_POLICIES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var policies: String?

    @Option(
        help: ArgumentHelp(
            "The folder of images.", discussion: "Default: $NESTBOX_IMAGES, or the one Nestbox came with.",
            valueName: "dir"), completion: .directory)
    var images: String?

    @Option(
        help: ArgumentHelp(
            "Where built image roots are kept.", discussion: "Default: $NESTBOX_STATE, or /var/lib/nestbox.",
            valueName: "dir"), completion: .directory)
    var state: String?

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    var policyFolder: String { folder(policies, variable: "NESTBOX_POLICIES", name: "policies") }
    var imageFolder: String { folder(images, variable: "NESTBOX_IMAGES", name: "images") }

    var stateFolder: String {
        Self.absolute(state ?? Self.value("NESTBOX_STATE") ?? "/var/lib/nestbox")
    }

    var rootFolder: String { stateFolder + "/roots" }

    private func folder(_ option: String?, variable: String, name: String) -> String {
        if let given = option ?? Self.value(variable) { return Self.absolute(given) }
        return Installation.shared(name) ?? "/usr/local/share/nestbox/\(name)"
    }

    /// An empty variable is none.
    private static func value(_ variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private static func standardized(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
