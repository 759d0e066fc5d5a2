internal import ArgumentParser
internal import Policies
internal import RunModel

struct PolicyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check policies, all of them unless some are named.",
        discussion: """
            Every mistake is one line: file, line, key, what was found, what is allowed. A FILE is checked as if it \
            stood among the other policies, which it may extend.

            EXAMPLES
              nestbox policy check
              nestbox policy check python node
              nestbox policy check ./new-python.yaml
            """)

    @OptionGroup var places: Places

    @Argument(
        help: ArgumentHelp("Policies by name, or files ending in .yaml.", valueName: "file|name"), completion: .file())
    var names: [String] = []

    mutating func run() async throws {
        var isGood = true
        var set: PolicySet?
        do throws(ConfigurationError) {
            set = try PolicySet.load(directory: places.policyFolder)
        } catch {
            isGood = false
            // Named policies are checked on their own; mistakes elsewhere are told with them only if nothing is named.
            if names.isEmpty { Console.note(error.description) } else { tell(error) }
        }
        for name in names where name.hasSuffix(".yaml") || name.contains("/") {
            do throws(ConfigurationError) {
                let policy = try PolicyFile.load(name, among: places.policyFolder)
                Console.say("\(name): ok, policy \(policy.name)")
            } catch {
                isGood = false
                Console.note(error.description)
            }
        }
        for name in names where !name.hasSuffix(".yaml") && !name.contains("/") {
            guard let set else { continue }
            do throws(UnknownPolicyError) {
                let policy = try set.policy(named: name)
                Console.say("\(policy.location): ok, policy \(name)")
            } catch {
                isGood = false
                Console.complain(error.description)
            }
        }
        if names.isEmpty, let set { Console.say("\(set.policies.count) policies, no mistakes") }
        Console.exit(isGood ? 0 : 1)
    }

    private func tell(_ error: ConfigurationError) {
        for mistake in error.mistakes { Console.note(mistake.description) }
    }
}
