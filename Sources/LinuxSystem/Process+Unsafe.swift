internal import CSandbox
internal import Glibc

/// Makes this process undumpable (prctl(PR_SET_DUMPABLE)): no core file, no tracing by its own uid.
package func hideProcess() throws(SystemCallError) {
    try check(nestbox_hide_process(), "prctl(PR_SET_DUMPABLE)")
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
