internal import Glibc
internal import LinuxSystem
internal import ResourceMonitor
internal import SandboxSpec
internal import WardenProtocol

/// The watch over file locks, which the kernel neither limits nor charges.
extension Warden {
    /// When the count must be looked at next; nil while no program runs.
    var lockDeadline: Int64? {
        lockCount != nil && timed.contains { sandboxes[$0]?.isRunning == true } ? lockCheckAt : nil
    }

    /// Opens the count of the kernel's locks; nil where a kernel does not show it (CONFIG_SLUB_DEBUG), as `nestbox doctor` says.
    static func openLockCount() -> KernelFile? {
        do throws(SystemCallError) { return try KernelFile(lockCountPath) } catch { return nil }
    }

    /// How many processes are asked whose they are; the limit "processes" of a few sandboxes.
    private static let maximumHolders = 512

    package static let lockCountPath = "/sys/kernel/slab/file_lock_cache/objects"

    func lookAtLocks(at now: Int64) {
        guard now >= lockCheckAt else { return }
        lockCheckAt = now + LockWatch.interval
        guard let count = countLocks() else { return }
        guard lockWatch.isAlarming(count: count) else { return }
        // Costs 10 to 30 ms, and only while a program takes many locks.
        let list: [UInt8]
        do throws(SystemCallError) { list = try Files.read("/proc/locks", limit: LockWatch.listBytes) } catch { return }
        var owners: [UInt32: Sandbox] = [:]
        // The program's user is the one after pid 1's.
        for sandbox in sandboxes.values where sandbox.isRunning { owners[sandbox.hostID + 1] = sandbox }
        var locks: [SandboxID: Int] = [:]
        let holders = LockWatch.holders(in: list)
        for (pid, held) in holders.sorted(by: { $0.value > $1.value }).prefix(Self.maximumHolders) {
            if let user = Self.user(of: pid), let owner = owners[user] { locks[owner.id, default: 0] += held }
        }
        let hogs = LockWatch.hogs(
            locks, listed: holders.values.reduce(0, +), isListFull: list.count >= LockWatch.listBytes)
        if hogs.isEmpty { lockWatch.wasInVain(count: count) }
        for hog in hogs {
            guard let sandbox = sandboxes[hog.id] else { continue }
            let used = Int64(hog.locks) * LockWatch.bytesEach
            end(sandbox, .locks(bytes: used, allowed: Int64(LockWatch.allowed) * LockWatch.bytesEach))
        }
    }

    private func countLocks() -> Int64? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        do throws(SystemCallError) {
            guard let count = try lockCount?.read(into: &buffer) else { return nil }
            return LockWatch.count(in: Array(buffer[..<count]))
        } catch {
            return nil
        }
    }

    /// The real host uid of a process; nil when it has gone.
    private static func user(of pid: Int32) -> UInt32? {
        let text: [UInt8]
        do throws(SystemCallError) { text = try Files.read("/proc/\(pid)/status", limit: 4096) } catch { return nil }
        for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: "Uid:".utf8) {
            let words = line.split(whereSeparator: { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") })
            return words.count > 1 ? UInt32(String(decoding: words[1], as: UTF8.self)) : nil
        }
        return nil
    }
}
