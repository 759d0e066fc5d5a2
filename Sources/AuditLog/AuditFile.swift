internal import Glibc
internal import LinuxSystem

/// The file of an audit log: opened for one writer, appended to by whole lines or not at all. Closed with its last copy.
struct AuditFile: Sendable {
    /// The last line of a file, and what was after it.
    struct Tail: Equatable {
        var head: AuditRecord.Head?
        /// Bytes of a line that was cut while it was written; they have been set aside.
        var cut = 0
    }

    private let descriptor: SharedDescriptor
    private let path: String
    private var length: Int64
    private let identity: (device: UInt64, inode: UInt64)

    /// Opens or creates a file, and repairs its end.
    ///
    /// - Parameter wait: seconds in which another process may give it up.
    /// - Throws: a file that others may write, that another process has, or whose last line is no record.
    static func open(_ path: String, wait: Int = 0) throws(AuditProblem) -> (AuditFile, Tail) {
        let number = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard number >= 0 else { throw AuditProblem(path, "cannot be opened: \(errnoDescription(errno))") }
        let descriptor = SharedDescriptor(OwnedDescriptor(owning: number))
        var status = stat()
        guard fstat(number, &status) == 0 else { throw AuditProblem(path, errnoDescription(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw AuditProblem(path, "is not a regular file") }
        guard status.st_mode & 0o022 == 0 else {
            throw AuditProblem(path, "may be written by its group or by others: chmod 0600")
        }
        guard lock(number, within: wait) else {
            throw AuditProblem(path, "is written to by another process")
        }
        // Its writer may have added something until now.
        guard fstat(number, &status) == 0 else { throw AuditProblem(path, errnoDescription(errno)) }
        var file = AuditFile(descriptor, path, status)
        let tail = try file.repair()
        return (file, tail)
    }

    private static func lock(_ number: Int32, within seconds: Int) -> Bool {
        let tries = seconds * 20
        for _ in 0..<tries {
            if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(50_000)
        }
        return flock(number, LOCK_EX | LOCK_NB) == 0
    }

    private init(_ descriptor: SharedDescriptor, _ path: String, _ status: stat) {
        self.descriptor = descriptor
        self.path = path
        length = Int64(status.st_size)
        identity = (UInt64(status.st_dev), UInt64(status.st_ino))
    }

    /// Whether the name still belongs to this file.
    var hasItsName: Bool {
        var status = stat()
        return stat(path, &status) == 0
            && (UInt64(status.st_dev), UInt64(status.st_ino)) == (identity.device, identity.inode)
    }

    /// Appends a line and its end, whole or not at all.
    ///
    /// - Parameter isSynchronous: returns when it is on the disk.
    mutating func append(_ line: [UInt8], isSynchronous: Bool) throws(AuditProblem) {
        var rest = (line + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw undo("cannot be written: \(errnoDescription(errno))") }
            rest = rest.dropFirst(count)
        }
        if isSynchronous { try synchronize() }
        length += Int64(line.count + 1)
    }

    /// Returns when all lines are on the disk.
    func synchronize() throws(AuditProblem) {
        guard fdatasync(descriptor.number) == 0 else {
            throw undo("cannot be written to its disk: \(errnoDescription(errno))")
        }
    }

    /// Takes back what was written of a line. Where that fails, the next start sets it aside.
    private func undo(_ reason: String) -> AuditProblem {
        _ = ftruncate(descriptor.number, off_t(length))
        return AuditProblem(path, reason)
    }

    // MARK: - The end of a file

    private mutating func repair() throws(AuditProblem) -> Tail {
        let window = min(length, Int64(4 * AuditRecord.maximumBytes))
        var bytes = [UInt8](repeating: 0, count: Int(window))
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor.number, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                    off_t(length - window) + off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw AuditProblem(path, "cannot be read: \(errnoDescription(errno))") }
            done += count
        }
        let newline = UInt8(ascii: "\n")
        let end = bytes.lastIndex(of: newline).map { $0 + 1 } ?? 0
        // Longer than any record, it is no record that was cut.
        if bytes.count - end > AuditRecord.maximumBytes {
            throw AuditProblem(path, "has a last line that is no record: move it away")
        }
        var tail = Tail()
        if end < bytes.count {
            try setAside(Array(bytes[end...]))
            tail.cut = bytes.count - end
        }
        guard end > 0 else { return tail }
        let begin = bytes[..<(end - 1)].lastIndex(of: newline).map { $0 + 1 } ?? 0
        do throws(AuditRecord.Invalid) {
            tail.head = try AuditRecord(line: Array(bytes[begin..<(end - 1)])).head
        } catch {
            throw AuditProblem(
                path, "has a last line that cannot be continued (\(error)): see 'nestbox audit verify', move it away")
        }
        return tail
    }

    /// Moves a line that was cut to a file of its own, so that the chain can go on.
    private mutating func setAside(_ bytes: [UInt8]) throws(AuditProblem) {
        let aside = path + ".cut"
        let number = Glibc.open(aside, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard number >= 0 else { throw AuditProblem(aside, "cannot be opened: \(errnoDescription(errno))") }
        defer { close(number) }
        let line = bytes + [UInt8(ascii: "\n")]
        let written = line.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
        guard written == line.count, fsync(number) == 0 else {
            throw AuditProblem(aside, "cannot be written: \(errnoDescription(errno))")
        }
        length -= Int64(bytes.count)
        guard ftruncate(descriptor.number, off_t(length)) == 0 else {
            throw AuditProblem(path, "cannot be shortened: \(errnoDescription(errno))")
        }
    }
}

/// Why an audit log cannot be opened or written, with its path.
package struct AuditProblem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ path: String, _ reason: String) {
        description = "the audit log \(path) \(reason)"
    }
}
