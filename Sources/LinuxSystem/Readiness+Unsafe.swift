internal import Glibc

/// poll(2) on two descriptors.
package enum Readiness {
    /// Waits until one of them is readable or hung up, or the time is over.
    ///
    /// - Parameters:
    ///   - first, second: -1 for none.
    ///   - timeout: milliseconds; -1 for ever.
    /// - Returns: for each whether it is; both false after the time, or after a signal.
    package static func wait(
        _ first: Int32, _ second: Int32, timeout: Int32
    ) throws(SystemCallError) -> (first: Bool, second: Bool) {
        var watched = [
            pollfd(fd: first, events: Int16(POLLIN), revents: 0), pollfd(fd: second, events: Int16(POLLIN), revents: 0),
        ]
        // SAFETY: the array has the two elements that the call is given.
        let count = unsafe poll(&watched, 2, timeout)
        if count < 0 {
            if lastErrno == EINTR { return (false, false) }
            throw SystemCallError("poll", errno: lastErrno)
        }
        return (watched[0].revents != 0, watched[1].revents != 0)
    }
}
