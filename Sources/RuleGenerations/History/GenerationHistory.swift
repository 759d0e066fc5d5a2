internal import Foundation
package import RunPlanning

/// The last generations, a file each: `<state>/generations/<number>.json`.
///
/// Blocks. Of one service, which writes; others may read at any time.
package struct GenerationHistory: Sendable {
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    /// How many generations are kept.
    package static let count = 20
    private static let maximumBytes = 33_554_432
    private static let suffix = ".json"

    package let directory: String

    /// - Parameter state: the state directory of the service.
    package init(state: String) {
        directory = state + "/generations"
    }

    /// The numbers of the generations that are kept, ascending. None where there is no directory.
    package var numbers: [Int64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { name in
            guard name.hasSuffix(Self.suffix), let number = Int64(name.dropLast(Self.suffix.count)), number > 0,
                number < .max,
                "\(number)\(Self.suffix)" == name
            else { return nil }
            return number
        }.sorted()
    }

    /// One generation.
    ///
    /// - Throws: that it is not kept, or that its file is not what this version writes.
    package func record(_ number: Int64) throws(Failure) -> GenerationRecord {
        switch RegularFile.read(path(number), maximumBytes: Self.maximumBytes) {
        case .failure(let reason): throw Failure("generation \(number) cannot be read: \(reason)")
        case .success(nil):
            let kept = numbers
            let range = kept.first.map { "\($0) to \(kept.last ?? $0)" } ?? "none"
            throw Failure("generation \(number) is not kept; kept: \(range)")
        case .success(let bytes?):
            guard let record = try? JSONDecoder().decode(GenerationRecord.self, from: Data(bytes)),
                record.version == GenerationRecord.currentVersion, record.generation == number
            else { throw Failure("\(path(number)) is no record of generation \(number)") }
            return record
        }
    }

    /// The newest one that can be read.
    package var last: GenerationRecord? {
        for number in numbers.reversed() {
            if let record = try? record(number) { return record }
        }
        return nil
    }

    /// The generation of these files: that of the newest record, if it is of the same files, or the next one.
    package func generation(of digest: String) -> RuleGeneration {
        let highest = numbers.last ?? 0
        if let last, last.generation == highest, last.digest == digest {
            return RuleGeneration(number: highest, digest: digest)
        }
        return RuleGeneration(number: highest + 1, digest: digest)
    }

    /// Keeps one more, and removes those that are too old.
    package func keep(_ record: GenerationRecord) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw Failure("\(directory) cannot be made: \(error.localizedDescription)")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(record), bytes.count <= Self.maximumBytes else {
            throw Failure("generation \(record.generation) is larger than \(Self.maximumBytes) bytes")
        }
        do throws(WrittenFile.Failure) {
            try WrittenFile.replace(path(record.generation), with: Array(bytes))
            for number in numbers.dropLast(Self.count) { try WrittenFile.remove(path(number)) }
        } catch {
            throw Failure(error.description)
        }
    }

    private func path(_ number: Int64) -> String { "\(directory)/\(number)\(Self.suffix)" }
}
