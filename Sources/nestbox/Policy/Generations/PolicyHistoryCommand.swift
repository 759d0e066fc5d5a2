internal import ArgumentParser
internal import RuleGenerations
internal import RunModel
internal import ServerSettings

struct PolicyHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the last 20 generations, the newest first.",
        discussion: "'nestbox policy diff 11 12' shows what changed between two of them.")

    @OptionGroup var directories: DirectoryOptions

    @Flag(help: "Print JSON.")
    var json = false

    private struct Shown: Encodable {
        let generation: Int64
        let digest: String
        let loadedAt: String
        let reason: String
        /// Policies that are not as in the generation before; nil where that one is not kept.
        let changed: [String]?

        private enum CodingKeys: String, CodingKey {
            case generation, digest, reason, changed
            case loadedAt = "loaded_at"
        }
    }

    mutating func run() async throws {
        let history = GenerationHistory(state: directories.found.state)
        var shown: [Shown] = []
        var before: GenerationRecord?
        for number in history.numbers {
            let record: GenerationRecord
            do throws(GenerationHistory.Failure) { record = try history.record(number) } catch {
                Console.note(GenerationText.printable(error.description))
                before = nil
                continue
            }
            let changed = before.map { before in
                Set(before.policies.keys).union(record.policies.keys).filter {
                    before.policies[$0] != record.policies[$0]
                }.sorted().map(GenerationText.printable)
            }
            shown.append(
                Shown(
                    generation: number, digest: GenerationText.printable(record.digest),
                    loadedAt: GenerationText.time(record.loadedAt), reason: GenerationText.printable(record.reason),
                    changed: changed))
            before = record
        }
        shown.reverse()
        if json { return try Output.json(shown) }
        guard !shown.isEmpty else { return Console.say("no generations are kept in \(history.directory)") }
        let rows = shown.map { record in
            [
                "\(record.generation)", record.loadedAt, record.reason, String(record.digest.prefix(12)),
                record.changed.map { $0.isEmpty ? "-" : $0.joined(separator: ", ") } ?? "",
            ]
        }
        for line in Table.lines([["GENERATION", "SINCE", "BECAUSE OF", "DIGEST", "CHANGED POLICIES"]] + rows) {
            Console.say(line)
        }
    }
}
