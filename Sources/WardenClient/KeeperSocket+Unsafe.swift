internal import Glibc
internal import LinuxSystem

/// The way to a keeper that another process starts for whoever connects: a socket of root's in the file system.
enum KeeperSocket {
    /// Connects. The keeper need not run yet.
    ///
    /// - Throws: `cannotStart` with the errno; EPERM when the socket is not one of root's.
    static func connect(to path: String) throws(WardenError) -> OwnedDescriptor {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.first == UInt8(ascii: "/"), name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .cannotStart(executable: path, errno: EINVAL)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let number = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .system(SystemCallError("socket", errno: lastErrno)) }
        let descriptor = OwnedDescriptor(owning: number)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw .cannotStart(executable: path, errno: lastErrno) }
        // Whoever listened there: what it sends are descriptors that this process believes.
        // A `struct ucred`, which the Glibc module leaves out: pid, uid, gid.
        var peer: [UInt32] = [0, .max, .max]
        var size = socklen_t(peer.count * MemoryLayout<UInt32>.size)
        guard getsockopt(number, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else {
            throw .system(SystemCallError("getsockopt(SO_PEERCRED)", errno: lastErrno, object: path))
        }
        guard peer[1] == 0 else { throw .cannotStart(executable: path, errno: EPERM) }
        return descriptor
    }
}
