internal import ArgumentParser
internal import ConfigurationFiles
internal import Policies
internal import RuleGenerations
internal import RunModel
internal import ServerSettings

struct PolicyDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compare two policies, or two generations.",
        discussion: """
            Compares what applies, after 'extends': every value that differs, with the file and line it comes from.

            EXAMPLES
              nestbox policy diff python node         # two policies, as the files are now
              nestbox policy diff 11 12               # all policies of two generations
              nestbox policy diff python@11 python    # one policy, then and now
            """)

    @OptionGroup var directories: DirectoryOptions

    @Argument(help: ArgumentHelp("A generation, a policy, or policy@generation.", valueName: "a"))
    var first: String

    @Argument(help: ArgumentHelp("What to compare it with.", valueName: "b"))
    var second: String

    private enum Side {
        case set(PolicySet)
        case policy(Policy)
    }

    mutating func run() async throws {
        switch (try side(first), try side(second)) {
        case (.set(let before), .set(let after)): show(PolicyChange.list(from: before, to: after))
        case (.policy(let before), .policy(let after)): show(PolicyChange.list(from: before, to: after))
        default:
            throw CommandFailure(
                APIError(.invalidRequest, "compare two generations, or two policies: found \(first) and \(second)"))
        }
    }

    private func side(_ text: String) throws -> Side {
        let history = GenerationHistory(state: directories.found.state)
        do {
            if let number = Int64(text) { return .set(try history.record(number).policySet) }
            let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let number = Int64(parts[1]) else {
                return .policy(try Catalog.policies(directories.found).policy(named: text))
            }
            return .policy(try history.record(number).policySet.policy(named: parts[0]))
        } catch let error as APIError {
            throw CommandFailure(error)
        } catch let error as UnknownPolicyError {
            throw CommandFailure(APIError(.unknownPolicy, "\(text): \(error.description)"))
        } catch {
            throw CommandFailure(APIError(.notFound, GenerationText.printable("\(error)")))
        }
    }

    private func show(_ changes: [PolicyChange]) {
        for change in changes { Console.say("\(change.policy): \(Self.text(change))") }
    }

    private static func text(_ change: PolicyChange) -> String {
        guard let key = change.key, let before = change.before, let after = change.after else {
            return change.kind.rawValue
        }
        let sources = "(\(change.sourceBefore ?? "") -> \(change.sourceAfter ?? ""))"
        guard key == "syscalls" else { return "\(key)  \(before) -> \(after)  \(sources)" }
        return "syscalls  \([after, before].filter { !$0.isEmpty }.joined(separator: " "))  \(sources)"
    }
}
