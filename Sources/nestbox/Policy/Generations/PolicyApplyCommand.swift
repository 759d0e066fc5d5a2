internal import ArgumentParser
internal import Foundation
internal import RunModel
internal import ServerSettings

struct PolicyApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Put policies into the operator's folder and have the service take them over.",
        discussion: """
            FILE is a policy; of a directory, all *.yaml in it, and in its syscalls/ and networks/. They are checked together with all others, \
            written into /etc/nestbox/policies, each as a whole, and the service is waited for: it builds a sandbox with each changed \
            policy before it switches. When it refuses them, the files before are put back. For root. Exit status 1 when nothing has \
            changed because something is wrong.
            """)

    @OptionGroup var directories: DirectoryOptions

    @Argument(help: ArgumentHelp("A file NAME.yaml, or a directory.", valueName: "file|dir"), completion: .file())
    var source: String

    mutating func run() async throws {
        let changes = try Self.changes(source)
        try OperatorPolicies(directories.found).carryOut(changes, as: "apply")
    }

    private static func changes(_ source: String) throws -> [OperatorPolicies.Change] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isDirectory) else {
            throw OperatorPolicies.failure("\(source): there is no such file")
        }
        guard isDirectory.boolValue else { return [try change(source, (source as NSString).lastPathComponent)] }
        var changes: [OperatorPolicies.Change] = []
        for folder in ["", "syscalls/", "networks/"] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: source + "/" + folder)) ?? []
            for name in names.sorted() where name.hasSuffix(".yaml") && !name.hasPrefix(".") {
                changes.append(try change("\(source)/\(folder)\(name)", folder + name))
            }
        }
        guard !changes.isEmpty else { throw OperatorPolicies.failure("\(source): no file here is named *.yaml") }
        return changes
    }

    private static func change(_ path: String, _ name: String) throws -> OperatorPolicies.Change {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= 1_048_576, let bytes = FileManager.default.contents(atPath: path) else {
            throw OperatorPolicies.failure("\(path): this file cannot be read, or is larger than 1 MiB")
        }
        return (name, Array(bytes))
    }
}
