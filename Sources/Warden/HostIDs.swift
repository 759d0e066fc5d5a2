internal import Glibc
internal import LinuxSystem
package import SandboxSpec

/// Host uids (and gids of the same numbers): two for each living sandbox, unique on the machine.
///
/// The kernel accounts pipes, inotify, keys, signals and processes per host uid, and decides ownership by it, so no two
/// sandboxes may share one, not even of two wardens: each warden holds one block of the range by a lock on one byte of a file.
package final class HostIDs {
    /// The id of this warden's zygotes.
    package let zygote: UInt32
    private let lock: OwnedDescriptor
    /// First ids of free pairs; taken from the front, returned to the back, so that an id rests before it is used again.
    private var free: [UInt32]
    private var head = 0

    /// - Throws: stage `host_ids` when every block is held, or the lock file cannot be used.
    package init(_ configuration: WardenConfiguration) throws(StageFailure) {
        do throws(SystemCallError) {
            lock = try Files.open(configuration.lockFile, flags: O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
            var block: UInt32?
            for candidate in 0..<configuration.idBlocks {
                if try Files.lockByte(Int64(candidate), of: lock.number) {
                    block = candidate
                    break
                }
            }
            guard let block else { throw SystemCallError("fcntl(F_OFD_SETLK)", errno: EAGAIN, object: "all id blocks") }
            // Bounds of the configuration keep this below 2^32.
            zygote = configuration.firstID + block * configuration.idBlock
            free = stride(from: 2, to: configuration.idBlock - 1, by: 2).map { [zygote] in zygote + $0 }
        } catch {
            throw StageFailure(
                stage: "host_ids", errno: error.errno,
                object: error.object.isEmpty ? configuration.lockFile : error.object)
        }
    }

    /// The sandbox's root gets the id, its program the next one.
    package func take() throws(StageFailure) -> UInt32 {
        guard head < free.count else { throw StageFailure(stage: "host_ids", errno: EAGAIN, object: "id block") }
        defer { head += 1 }
        if head > 1024 {
            free.removeFirst(head)
            head = 0
        }
        return free[head]
    }

    package func giveBack(_ id: UInt32) {
        free.append(id)
    }
}
