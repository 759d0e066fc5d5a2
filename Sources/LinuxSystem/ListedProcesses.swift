internal import CLinux
internal import Glibc

/// Signals to processes known only by a list of numbers that the kernel keeps, such as `cgroup.procs`.
package enum ListedProcesses {
    /// How many processes are held by descriptor together.
    private static let batch = 64

    /// SIGKILLs every process of a list, and no other.
    ///
    /// A number alone may have passed to a stranger since it was read. So each process is first pinned by a pidfd, then
    /// the list is read again: what is still on it is what the pidfd holds. This process itself and pid 1 are left out.
    /// - Parameter list: reads the list afresh; called once, and once more per 64 processes.
    /// - Returns: how many were signalled.
    @discardableResult
    package static func kill(_ list: () throws(SystemCallError) -> [Int32]) throws(SystemCallError) -> Int {
        let own = getpid()
        let listed = try list().filter { $0 > 1 && $0 != own }
        var killed = 0
        var start = 0
        while start < listed.count {
            let end = min(start + batch, listed.count)
            var pinned: [(pid: Int32, descriptor: Int32)] = []
            defer { for process in pinned { close(process.descriptor) } }
            for pid in listed[start..<end] {
                let descriptor = nestbox_pidfd_open(pid)
                if descriptor >= 0 {
                    pinned.append((pid, descriptor))
                } else if descriptor != -ESRCH && descriptor != -EINVAL {
                    throw SystemCallError("pidfd_open", errno: -descriptor, object: "\(pid)")
                }
            }
            let still = Set(try list())
            for process in pinned where still.contains(process.pid) {
                let result = nestbox_pidfd_send_signal(process.descriptor, SIGKILL)
                if result == 0 {
                    killed += 1
                } else if result != -ESRCH {
                    throw SystemCallError("pidfd_send_signal", errno: -result, object: "\(process.pid)")
                }
            }
            start = end
        }
        return killed
    }

    /// Sleeps; for start and end of a program only, never inside an event loop.
    package static func pause(milliseconds: Int32) {
        _ = poll(nil, 0, milliseconds)
    }
}
