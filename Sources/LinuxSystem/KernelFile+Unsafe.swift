internal import Glibc

/// A small kernel file (cgroup, proc) that stays open and is read again and again, from its start.
///
/// Costs one descriptor; a reading is one pread(2) and allocates nothing.
package struct KernelFile: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor
    /// The path it was opened by, for messages.
    package let name: String

    /// - Parameters:
    ///   - path: the file, relative to `directory`.
    ///   - directory: an open directory, borrowed for this call.
    package init(_ path: String, at directory: Int32 = Files.workingDirectory) throws(SystemCallError) {
        descriptor = try Files.open(path, at: directory, flags: O_RDONLY | O_NOCTTY)
        name = path
    }

    /// The descriptor, for poll(2) and epoll; owned by this value.
    package var number: Int32 { descriptor.number }

    /// Reads the whole file into `buffer` and says how many bytes it has.
    ///
    /// - Throws: EFBIG when the file does not fit with at least one byte to spare.
    package borrowing func read(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
        while true {
            // SAFETY: the kernel writes at most `count` bytes into the array's own storage.
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe pread(descriptor.number, $0.baseAddress, $0.count, 0)
            }
            if count < 0 {
                if lastErrno == EINTR { continue }
                throw SystemCallError("pread", errno: lastErrno, object: name)
            }
            guard count < buffer.count else { throw SystemCallError("pread", errno: EFBIG, object: name) }
            return count
        }
    }
}
