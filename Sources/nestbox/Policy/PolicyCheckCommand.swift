internal import ArgumentParser
internal import ConfigurationFiles
internal import Images
internal import Policies
internal import RunModel
internal import ServerSettings

struct PolicyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check policies, all of them unless some are named.",
        discussion: """
            Every error is one line: file, line, key, what was found, what is allowed. An image that no description \
            has is an error. A FILE is checked as if it stood among the other policies, which it may extend. Exit \
            status 1 when there are errors.

            EXAMPLES
              nestbox policy check
              nestbox policy check python node
              nestbox policy check ./new-python.yaml
            """)

    @OptionGroup var directories: PolicyDirectoryOptions

    @Argument(
        help: ArgumentHelp("Policies by name, or files ending in .yaml.", valueName: "file|name"),
        completion: .custom { _, _, prefix in Completions.policiesAndFiles(prefix) })
    var names: [String] = []

    mutating func run() async throws {
        let directories = directories.found
        let images = try Self.imageNames(directories)
        var complaints: [String] = []
        if names.isEmpty {
            complaints += checkAll(directories, images)
        } else {
            for name in names {
                do throws(ConfigurationError) {
                    let isFile = name.hasSuffix(".yaml") || name.contains("/")
                    let policy =
                        isFile
                        ? try PolicyFile.load(name, among: directories.policies, images: images)
                        : try Self.named(name, directories.policies, images)
                    Console.say("\(isFile ? name : policy.location.file): ok, policy \(policy.name)")
                } catch {
                    complaints += error.description.split(separator: "\n").map(String.init)
                }
            }
        }
        for line in complaints { Console.note(line) }
        Console.exit(complaints.isEmpty ? ExitTable.done : ExitTable.found)
    }

    private func checkAll(_ directories: DirectorySettings, _ images: Set<String>) -> [String] {
        do throws(ConfigurationError) {
            let set = try PolicySet.usable(directories: directories.policies)
            let errors = [set.diagnostics, set.unknownImages(among: images)].compactMap(\.self)
            if errors.isEmpty {
                Console.say("\(Table.count(set.policies.count, "policy", "policies")), no errors")
            } else {
                let disabled = set.broken.keys.sorted()
                if !disabled.isEmpty {
                    Console.say("disabled by errors: \(disabled.joined(separator: ", ")); the others can be used")
                }
            }
            for line in Overlays.lines(set.replaced, directories.policies) { Console.say(line) }
            return errors.flatMap { $0.description.split(separator: "\n").map(String.init) }
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    private static func named(
        _ name: String, _ directories: [String], _ images: Set<String>
    ) throws(ConfigurationError) -> Policy {
        let set = try PolicySet.usable(directories: directories)
        let policy: Policy
        do {
            policy = try set.policy(named: name)
        } catch {
            throw error.diagnostics
                ?? ConfigurationError(
                    ConfigurationDiagnostic(of: "nestbox", "\(error) ('nestbox policy list' shows all)"))
        }
        if let error = set.unknownImages(among: images)?.diagnostics(in: policy.location.file) { throw error }
        return policy
    }

    /// The names a policy may name. A directory of images that is not there is no error here.
    private static func imageNames(_ directories: DirectorySettings) throws -> Set<String> {
        do throws(ConfigurationError) {
            return try ImageLibrary.usable(directories: directories.images).names
        } catch {
            throw CommandFailure(APIError(.invalidImage, error.description))
        }
    }
}
