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
        let changed: [String]?

        private enum CodingKeys: String, CodingKey {
            case generation, digest, reason, changed
            case loadedAt = "loaded_at"
        }

        init(_ entry: GenerationEntry) {
            generation = entry.generation
            digest = GenerationText.printable(entry.digest)
            loadedAt = GenerationText.time(entry.loadedAt)
            reason = GenerationText.printable(entry.reason)
            changed = entry.changed?.map(GenerationText.printable)
        }
    }

    mutating func run() async throws {
        let history = GenerationHistory(state: directories.found.state)
        let (entries, unreadable) = history.entries
        for reason in unreadable { Console.note(GenerationText.printable(reason)) }
        let shown = entries.map(Shown.init)
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
