internal import ArgumentParser
internal import ConfigurationFiles
internal import Policies
internal import RunModel
internal import ServerSettings

struct PolicyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the policies, and which file of each is in force.",
        discussion: "A policy with errors cannot be used; 'nestbox policy check' says what is wrong with it.")

    @OptionGroup var directories: PolicyDirectoryOptions

    @Flag(help: "Print JSON.")
    var json = false

    private struct Shown: Encodable {
        let name: String
        let image: String?
        let extends: [String]
        let state: String
        let file: String?
        let replaces: String?
    }

    mutating func run() async throws {
        do throws(APIError) {
            let set = try Catalog.policies(directories.found)
            var all = set.policies.values.map { policy in
                Shown(
                    name: policy.name, image: policy.image, extends: policy.ancestors, state: "ok",
                    file: policy.location.file, replaces: set.replaced[policy.location.file])
            }
            all += set.broken.map { name, error in
                Shown(
                    name: name, image: nil, extends: [], state: "broken", file: error.diagnostics.first?.location.file,
                    replaces: nil)
            }
            all.sort { $0.name < $1.name }
            if json { return try Output.json(all) }
            let rows = all.map { policy in
                [
                    policy.name, policy.image ?? "-", policy.state, policy.file ?? "-",
                    policy.replaces.map { "replaces \($0)" } ?? "",
                ]
            }
            for line in Table.lines([["POLICY", "IMAGE", "STATE", "FILE", ""]] + rows) {
                Console.say(line.trimmedAtEnd)
            }
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }
}

extension String {
    /// Without blanks at its end.
    fileprivate var trimmedAtEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
