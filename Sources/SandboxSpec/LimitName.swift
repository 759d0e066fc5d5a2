/// The limits a policy sets, by the names they have in policies, events and verdicts (docs/policies.md).
package enum LimitName: String, Sendable, CaseIterable {
    case cpu, wall, idle, memory, stack, processes, output, disk, inodes
    case fileSize = "file_size"
    case openFiles = "open_files"
    case cpus

    /// What a number of this limit counts, wherever a `LimitHit` carries it.
    package enum Unit: String, Sendable {
        case nanoseconds, bytes, count
        /// Thousandths of one processor.
        case millicpus
    }

    package var unit: Unit {
        switch self {
        case .cpu, .wall, .idle: .nanoseconds
        case .memory, .stack, .output, .disk, .fileSize: .bytes
        case .processes, .inodes, .openFiles: .count
        case .cpus: .millicpus
        }
    }

    /// The values a limit may have, in `unit`. Zero is never in it: a limit of nothing is a mistake, not a wish.
    package var range: ClosedRange<Int64> {
        switch self {
        case .cpu, .wall, .idle: 1_000_000...86_400_000_000_000  // 1 ms to 24 h
        case .memory: 4_194_304...1_099_511_627_776  // 4 MiB (one interpreter page table and change) to 1 TiB
        case .stack: 262_144...1_099_511_627_776  // below, arguments and environment would not fit (execve(2))
        case .processes: 1...16_384  // pid_max is 32768 by default
        case .output: 1...1_073_741_824
        case .disk: 65_536...68_719_476_736
        case .inodes: 16...4_194_304
        case .fileSize: 1...68_719_476_736
        case .openFiles: 8...65_536
        case .cpus: 10...1_024_000
        }
    }
}

/// Limits that say nothing of their own where no policy and no request sets them: they follow another one, however that is set.
extension LimitName {
    /// The limit this one follows.
    package var leader: LimitName? {
        switch self {
        case .idle: .wall
        case .stack: .memory
        case .fileSize: .disk
        case .cpu, .wall, .memory, .processes, .output, .disk, .inodes, .openFiles, .cpus: nil
        }
    }

    /// What this limit is where its leader is `value`: in range, as that is.
    func following(_ value: Int64) -> Int64 {
        // Recursion without end shall meet the end of the stack, which has a verdict of its own, and not that of the memory; and
        // recursion needs some memory besides. Whole pages.
        let followed = self == .stack ? value / 8 * 7 / 4096 * 4096 : value
        return min(max(followed, range.lowerBound), range.upperBound)
    }
}

/// A limit a run came up against: what it used and what it was allowed, both in `name.unit`.
package struct LimitHit: Sendable, Equatable {
    package let name: LimitName
    package let used: Int64
    package let allowed: Int64

    package init(name: LimitName, used: Int64, allowed: Int64) {
        self.name = name
        self.used = used
        self.allowed = allowed
    }
}
