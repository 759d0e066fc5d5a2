/// The limits a policy sets, by the names they have in policies, events and verdicts (docs/policies.md).
package enum LimitName: String, Sendable, CaseIterable {
    case cpu, wall, idle, memory, stack, processes, output, disk, inodes
    case fileSize = "file_size"
    case openFiles = "open_files"
    case cpus

    /// The unit of this limit's values, also in a `LimitHit`.
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

    /// The values a limit may have, in `unit`. Zero is never allowed: a limit of zero is an error.
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

/// Limits without a default value: where no policy and no request sets them, they follow another limit, however that is set.
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

    /// The value of this limit when the limit it follows is `value`: in range, as `value` is.
    func following(_ value: Int64) -> Int64 {
        // Endless recursion must exhaust the stack, which is a SIGSEGV, before the memory limit, which has a verdict of its own;
        // and recursion needs other memory, too. Whole pages.
        let followed = self == .stack ? value / 8 * 7 / 4096 * 4096 : value
        return min(max(followed, range.lowerBound), range.upperBound)
    }
}

/// A limit that a run reached: the used and the allowed amount, both in `name.unit`.
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
