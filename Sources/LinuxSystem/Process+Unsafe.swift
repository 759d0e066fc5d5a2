internal import CLinux
internal import Glibc

/// Makes this process undumpable (prctl(PR_SET_DUMPABLE)): no core file, no tracing by its own uid.
package func hideProcess() throws(SystemCallError) {
    try check(nestbox_hide_process(), "prctl(PR_SET_DUMPABLE)")
}

/// Makes sure that nothing this process executes gives it rights again (prctl(PR_SET_NO_NEW_PRIVS)).
package func forbidNewPrivileges() throws(SystemCallError) {
    try check(nestbox_forbid_new_privileges(), "prctl(PR_SET_NO_NEW_PRIVS)")
}

/// Raises this process's soft limit of open descriptors to the hard one.
/// - Returns: that limit.
package func raiseDescriptorLimit() throws(SystemCallError) -> Int {
    let limit = nestbox_raise_descriptor_limit()
    guard limit >= 0 else { throw SystemCallError("setrlimit(RLIMIT_NOFILE)", errno: Int32(clamping: -limit)) }
    return Int(limit)
}

/// Lets packets queue up in a socket to this many bytes before a send would block. Best effort.
package func growSendBuffer(_ socket: Int32, bytes: Int32) {
    nestbox_grow_send_buffer(socket, bytes)
}

/// Marks a descriptor that was inherited, so that no child inherits it in turn.
package func closeOnExec(_ descriptor: Int32) throws(SystemCallError) {
    try check(nestbox_fcntl(descriptor, F_SETFD, Int(FD_CLOEXEC)), "fcntl(F_SETFD)", "\(descriptor)")
}

extension Files {
    /// Writes a text to an open descriptor, all of it.
    package static func writeAll(_ text: String, to file: Int32) throws(SystemCallError) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            // SAFETY: the buffer holds exactly the slice's bytes.
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if lastErrno == EINTR { continue }
                throw SystemCallError("write", errno: lastErrno)
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
