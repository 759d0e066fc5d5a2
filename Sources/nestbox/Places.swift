internal import ArgumentParser
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
        return Self.shared(name) ?? "/usr/local/share/nestbox/\(name)"
    }

    /// The folder Nestbox came with: installed beside the executable, or that of the source tree it was built in.
    private static func shared(_ name: String) -> String? {
        let installed = standardized(executableFolder + "/../share/nestbox/" + name)
        if isFolder(installed) { return installed }
        var folder = executableFolder
        for _ in 0..<8 where folder != "/" {
            if FileManager.default.fileExists(atPath: folder + "/Package.swift"), isFolder(folder + "/" + name) {
                return folder + "/" + name
            }
            folder = standardized(folder + "/..")
        }
        return nil
    }

    /// `nestbox-warden`, or the places where it was looked for.
    static func warden() -> Result<String, Missing> {
        if let given = value("NESTBOX_WARDEN") {
            return isExecutable(given) ? .success(absolute(given)) : .failure(Missing(tried: [absolute(given)]))
        }
        let tried = ["nestbox-warden", "../libexec/nestbox/nestbox-warden"]
            .map { standardized(executableFolder + "/" + $0) }
        return tried.first(where: isExecutable).map { .success($0) } ?? .failure(Missing(tried: tried))
    }

    struct Missing: Error {
        let tried: [String]
    }

    static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path) && !isFolder(path)
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    static let executable: String = {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }()

    private static var executableFolder: String { standardized(executable + "/..") }

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
