/// Decides who holds too many file locks: kernel memory that no cgroup is charged for (`file_lock`, 192 bytes each).
///
/// The kernel has no limit for them; Linux has ignored RLIMIT_LOCKS since 2.4. It counts them all together, cheaply; only when
/// there are many is the list of holders worth its price. Pure: what the kernel says comes in.
package struct LockWatch: Sendable {
    /// How many locks one sandbox may hold while the machine has many. Databases hold about ten for each connection.
    package static let allowed = 2048
    /// What one costs.
    package static let bytesEach: Int64 = 192
    /// How often the count is looked at while programs run.
    package static let interval: Int64 = 50_000_000
    /// How much of the list is read; some 4,000 locks, the newest of each processor first.
    package static let listBytes = 262_144
    /// With fewer locks on the machine than this, no process is looked at.
    private static let few: Int64 = 8192

    private var enough = LockWatch.few

    package init() {}

    /// Whether the holders must be looked at.
    ///
    /// - Parameter count: the count of the slab cache, in which others may lie, too.
    package mutating func isAlarming(count: Int64) -> Bool {
        // What is always there, or has been looked at in vain, is no reason to look again until there is more of it.
        enough = max(Self.few, min(enough, count + Self.few / 2))
        return count >= enough
    }

    /// The look found no sandbox to end.
    package mutating func wasInVain(count: Int64) {
        enough = max(Self.few, count + Self.few / 2)
    }

    /// The number in `/sys/kernel/slab/file_lock_cache/objects` ("60039 N0=60039"); nil for another text.
    package static func count(in text: [UInt8]) -> Int64? {
        Int64(String(decoding: text.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// How many locks each process holds or waits for, by pid, in a piece of `/proc/locks`. A torn last line is left out.
    package static func holders(in list: [UInt8]) -> [Int32: Int] {
        var holders: [Int32: Int] = [:]
        for line in list.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            // 2: POSIX  ADVISORY  WRITE 17229 fe:00:1583493 0 EOF, and "->" after the number for one who waits.
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
            let first = words.count > 1 && words[1].elementsEqual("->".utf8) ? 2 : 1
            guard words.count >= first + 7, let pid = Int32(String(decoding: words[first + 3], as: UTF8.self)), pid > 0
            else { continue }
            holders[pid, default: 0] += 1
        }
        return holders
    }

    /// Whom to end: everybody above what is allowed, or, when the whole piece of the list is full of others, the one with
    /// most; none, when most of it is not a sandbox's.
    ///
    /// - Parameter listed: all locks in the list, those of others included; nil when there are no others.
    package static func hogs<ID: Hashable>(
        _ locks: [ID: Int], listed: Int? = nil, isListFull: Bool
    ) -> [(id: ID, locks: Int)] {
        let hogs = locks.filter { $0.value > allowed }
        if hogs.isEmpty, isListFull, let worst = locks.max(by: { $0.value < $1.value }), worst.value > allowed / 16,
            locks.values.reduce(0, +) * 2 > listed ?? 0
        {
            return [(worst.key, worst.value)]
        }
        return hogs.map { ($0.key, $0.value) }
    }
}
