internal import Glibc
internal import Synchronization

/// A file that log lines are appended to. It may be renamed while it is written to: `reopen` continues in a new one.
///
/// Safe from any thread.
package final class LogFile: Sendable {
    /// Why a file cannot be opened.
    package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
        package let path: String
        package let errno: Int32

        package var description: String { "cannot open \(path) for writing: \(String(cString: strerror(errno)))" }
    }

    package let path: String
    private let descriptor: Mutex<Int32>

    package init(path: String) throws(Failure) {
        self.path = path
        descriptor = Mutex(try Self.open(path))
    }

    deinit {
        close(descriptor.withLock { $0 })
    }

    private static func open(_ path: String) throws(Failure) -> Int32 {
        let number = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard number >= 0 else { throw Failure(path: path, errno: errno) }
        return number
    }

    /// Continues in the file that has the name now. If that fails, the old one is kept.
    package func reopen() throws(Failure) {
        let fresh = try Self.open(path)
        let old = descriptor.withLock { number in
            defer { number = fresh }
            return number
        }
        close(old)
    }

    /// Appends a line, in one write(2) as long as there is room for it.
    package func write(_ bytes: [UInt8]) {
        descriptor.withLock { LineLogHandler.write(bytes, to: $0) }
    }
}
