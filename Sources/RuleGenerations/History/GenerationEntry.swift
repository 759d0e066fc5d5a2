/// One generation as lists show it.
package struct GenerationEntry: Sendable, Equatable, Codable {
    package let generation: Int64
    package let digest: String
    /// Milliseconds since 1970.
    package let loadedAt: Int64
    package let reason: String
    /// Policies that are not as in the generation before; nil where that one is not kept.
    package let changed: [String]?

    private enum CodingKeys: String, CodingKey {
        case generation, digest, reason, changed
        case loadedAt = "loaded_at"
    }
}

extension GenerationHistory {
    /// All that are kept, the newest first, and why others cannot be read. Blocks.
    package var entries: (entries: [GenerationEntry], unreadable: [String]) {
        var entries: [GenerationEntry] = []
        var unreadable: [String] = []
        var before: GenerationRecord?
        for number in numbers {
            let record: GenerationRecord
            do throws(Failure) { record = try self.record(number) } catch {
                unreadable.append(error.description)
                before = nil
                continue
            }
            let changed = before.map { before in
                Set(before.policies.keys).union(record.policies.keys).filter {
                    before.policies[$0] != record.policies[$0]
                }.sorted()
            }
            entries.append(
                GenerationEntry(
                    generation: number, digest: record.digest, loadedAt: record.loadedAt, reason: record.reason,
                    changed: changed))
            before = record
        }
        return (entries.reversed(), unreadable)
    }
}
