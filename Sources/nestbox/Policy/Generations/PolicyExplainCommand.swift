internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel

struct PolicyExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show which rules a run was held to, and what it came up against.",
        discussion: """
            Asks the service that had the run, which must still keep it. Where the service asks for a key, it is taken from \
            $NESTBOX_KEY, and has to be the one that the run was submitted with. A system call that the policy does not allow returns \
            an error to the program and leaves no evidence: such calls are not listed. 'nestbox policy trace' runs a program again \
            and shows them.
            """)

    @Option(help: ArgumentHelp("Where the service is.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Flag(help: "Print JSON.")
    var json = false

    @Argument(help: "The id of the run.")
    var run: String

    mutating func run() async throws {
        guard let id = RunID(run) else {
            throw CommandFailure(
                APIError(.invalidRequest, "found no run id, allowed 32 lower-case hexadecimal digits"), asJSON: json)
        }
        do {
            let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            let explanation = try await NestboxClient(server, key: key).explanation(of: id)
            json ? try Output.json(explanation) : show(explanation)
        } catch let error as APIError {
            throw CommandFailure(error, asJSON: json)
        } catch let error as NestboxError {
            throw CommandFailure(
                APIError(
                    APIError.Code(rawValue: error.code), error.message, retryable: error.retryable,
                    details: error.details), asJSON: json)
        }
    }

    private func show(_ run: RunExplanation) {
        func say(_ line: String) { Console.say(GenerationText.printable(line)) }
        say("policy   \(run.policy)@\(run.generation), digest \(run.policyDigest)")
        say("image    \(run.image)")
        say("network  \(run.network)")
        say("verdict  \(run.verdict ?? "it has not ended")")
        for hit in run.hits { say("hit      \(hit.rule): \(hit.meaning)") }
        say("limits of this run, in ms, bytes, counts and processors")
        for (name, amount) in run.limits.amounts.sorted(by: { $0.key < $1.key }) {
            say("  \(Table.padded(name, 11)) \(Int64(exactly: amount.value).map { "\($0)" } ?? "\(amount.value)")")
        }
        say("the policy, and where each value comes from")
        let rows = run.values.map { value in
            let isList = value.key == "syscalls"
            return [
                "  " + value.key, isList ? "\(value.value.split(separator: " ").count) allowed" : value.value,
                value.source,
            ]
        }
        for line in Table.lines(rows) { say(line) }
    }
}
