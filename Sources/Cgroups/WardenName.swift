internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem

/// The name of a warden's own group: `nestbox-<pid>-<start time>`. It says who made it, even after a reuse of the pid.
package struct WardenName: Sendable, Hashable, CustomStringConvertible {
    package let pid: Int32
    /// Clock ticks from boot to the start of the process (field 22 of /proc/<pid>/stat).
    package let startTime: Int64

    private static let prefix = "nestbox-"

    package init(pid: Int32, startTime: Int64) {
        self.pid = pid
        self.startTime = startTime
    }

    /// Takes a directory's name apart; nil unless it is exactly what `description` makes.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count <= 64 else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let pid = Int32(parts[0]), let startTime = Int64(parts[1]), pid > 0, startTime >= 0
        else { return nil }
        self.init(pid: pid, startTime: startTime)
        guard description == text else { return nil }
    }

    /// The name for this process.
    package static func current() throws(SystemCallError) -> WardenName {
        let pid = getpid()
        guard let state = try processState(pid) else { throw SystemCallError("read", errno: ESRCH, object: "\(pid)") }
        return WardenName(pid: pid, startTime: state.startTime)
    }

    package var description: String { "\(Self.prefix)\(pid)-\(startTime)" }

    /// Whether the process still runs. A zombie does not: it holds nothing any more.
    ///
    /// - Throws: when /proc cannot tell; the caller must then assume that it lives.
    package func isAlive() throws(SystemCallError) -> Bool {
        guard let state = try Self.processState(pid) else { return false }
        return state.startTime == startTime && !state.isDead
    }

    private static func processState(_ pid: Int32) throws(SystemCallError) -> (startTime: Int64, isDead: Bool)? {
        let path = "/proc/\(pid)/stat"
        let text: [UInt8]
        do {
            text = try Files.read(path, limit: 4096)
        } catch {
            if error.errno == ENOENT || error.errno == ESRCH { return nil }
            throw error
        }
        // The second field, the command, is in parentheses and may itself contain spaces and parentheses.
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else {
            throw SystemCallError("parse", errno: EBADMSG, object: path)
        }
        let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let startTime = KernelText.number(fields[19]) else {
            throw SystemCallError("parse", errno: EBADMSG, object: path)
        }
        let state = fields[0].first
        return (startTime, state == UInt8(ascii: "Z") || state == UInt8(ascii: "X"))
    }
}
