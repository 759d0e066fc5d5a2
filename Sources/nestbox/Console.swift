internal import Glibc

/// The process's own stdout, stderr and end.
enum Console {
    static let input: Int32 = 0
    static let output: Int32 = 1
    static let errors: Int32 = 2

    /// Writes everything, however long it takes.
    ///
    /// - Returns: false when no process reads any more.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    // A process that shares the descriptor made it non-blocking.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    /// A line on stdout.
    static func say(_ line: String) {
        write(Array((line + "\n").utf8), to: output)
    }

    /// A line on stderr.
    static func note(_ line: String) {
        write(Array((line + "\n").utf8), to: errors)
    }

    /// An error, as one line on stderr that says who speaks.
    static func complain(_ message: String) {
        for line in message.split(separator: "\n") { note("nestbox: \(line)") }
    }

    static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// Ends the process immediately, with the terminal as it was found.
    static func exit(_ status: Int32) -> Never {
        RawTerminal.restore()
        _exit(status)
    }
}
