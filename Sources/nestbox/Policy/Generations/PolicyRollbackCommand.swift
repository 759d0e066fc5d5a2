internal import ArgumentParser
internal import ConfigurationFiles
internal import Foundation
internal import Policies
internal import RuleGenerations
internal import RunModel
internal import ServerSettings

struct PolicyRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Make the operator's policies what they were in a generation.",
        discussion: """
            Writes the files of /etc/nestbox/policies as they were, removes those that came since, and has the service take them over, \
            as a new generation. Files that an installation has replaced, and images, stay as they are. For root.

            EXAMPLES
              nestbox policy rollback --dry-run 11
              nestbox policy rollback 11
            """)

    @OptionGroup var directories: DirectoryOptions

    @Flag(help: "Only show what would change.")
    var dryRun = false

    @Argument(help: "The generation, as 'nestbox policy history' shows it.")
    var generation: Int64

    mutating func run() async throws {
        let found = directories.found
        let folder = found.ownPolicies
        let record: GenerationRecord
        let files: (policies: [String], groups: [String], networks: [String])
        do {
            record = try GenerationHistory(state: found.state).record(generation)
            files = try PolicySet.files(in: found.policies)
        } catch {
            throw CommandFailure(APIError(.notFound, GenerationText.printable("\(error)")))
        }
        let then = record.policyFiles + record.groupFiles + record.networkFiles
        var changes: [OperatorPolicies.Change] = []
        for file in then {
            let text = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
            guard text != file.text else { continue }
            guard file.path.hasPrefix(folder + "/") else {
                Console.note("stays as it is, an installation has changed it: \(GenerationText.printable(file.path))")
                continue
            }
            changes.append((String(file.path.dropFirst(folder.count + 1)), Array(file.text.utf8)))
        }
        let kept = Set(then.map(\.path))
        for path in files.policies + files.groups + files.networks
        where path.hasPrefix(folder + "/") && !kept.contains(path) {
            changes.append((String(path.dropFirst(folder.count + 1)), nil))
        }
        for change in changes {
            Console.say(
                "\(change.bytes == nil ? "remove" : "write ")  \(folder)/\(GenerationText.printable(change.name))")
        }
        guard !changes.isEmpty else { return Console.say("nothing to do: \(folder) is as in generation \(generation)") }
        if !dryRun { try OperatorPolicies(found).carryOut(changes, as: "rollback to \(generation)") }
    }
}
