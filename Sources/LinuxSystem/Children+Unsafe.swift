internal import Glibc

/// Waits until a child has ended, and reaps it.
package func waitFor(child pid: Int32) {
    var status: Int32 = 0
    // SAFETY: waitpid writes one status word.
    while unsafe waitpid(pid, &status, 0) < 0 && lastErrno == EINTR {}
}

/// Whether a child has ended; reaps it then. Never waits. True for a process that is no child (any more).
package func hasEnded(child pid: Int32) -> Bool {
    var status: Int32 = 0
    while true {
        // SAFETY: waitpid writes one status word.
        let result = unsafe waitpid(pid, &status, WNOHANG)
        if result >= 0 { return result == pid }
        if lastErrno != EINTR { return true }
    }
}
