internal import Foundation

/// The text of the file that daily counters survive a restart in.
extension TenantUsage.Record {
    /// The largest file that is read.
    package static let maximumBytes = 1_048_576

    package var text: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(self)).map { Array($0) + [UInt8(ascii: "\n")] } ?? []
    }

    /// - Returns: nil for what this version does not write.
    package init?(text: [UInt8]) {
        guard text.count <= Self.maximumBytes,
            let record = try? JSONDecoder().decode(Self.self, from: Data(text)), record.version == 1,
            record.tenants.count <= TenantSet.maximumCount * 2,
            record.tenants.values.allSatisfy({ $0.runs >= 0 && $0.cpu >= 0 && $0.cpu.isFinite && $0.bytes >= 0 })
        else { return nil }
        self = record
    }
}
