internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Signals of this process, delivered to one thread instead of interrupting the code that runs.
enum Signals {
    /// The pipe from handler to thread. Written once before a handler is installed; a handler only reads it.
    private nonisolated(unsafe) static var writer: Int32 = -1

    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Has `body` called, on a thread of its own, with each of these signals that arrives. Once per process.
    static func watch(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reader = ends[0]
        writer = ends[1]
        try DetachedThread.start {
            var number: UInt8 = 0
            while true {
                let count = read(reader, &number, 1)
                if count == 1 { body(Int32(number)) } else if count == 0 || errno != EINTR { return }
            }
        }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            // Only what is safe in a handler: one write, errno left as it was.
            let before = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.writer, &byte, 1)
            errno = before
        }
        action.sa_flags = SA_RESTART
        for number in numbers { sigaction(number, &action, nil) }
    }
}
