internal import Glibc

/// Waits until a child has ended, and reaps it.
package func waitFor(child pid: Int32) {
    var status: Int32 = 0
    // SAFETY: waitpid writes one status word.
    while unsafe waitpid(pid, &status, 0) < 0 && lastErrno == EINTR {}
}
