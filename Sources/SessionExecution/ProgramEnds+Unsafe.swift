internal import Glibc
package import LinuxSystem

/// What came of one read.
package enum ReadEnd {
    /// So many bytes, at the beginning of the buffer.
    case bytes(Int)
    case nothing
    case ended

    package init(_ number: Int32, into buffer: inout [UInt8]) {
        // SAFETY: the pointer is used inside the closure only, and the kernel writes no more than the count.
        let count = buffer.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
        if count > 0 {
            self = .bytes(count)
        } else if count < 0, lastErrno == EAGAIN || lastErrno == EINTR {
            self = .nothing
        } else {
            self = .ended
        }
    }
}

/// Bytes on their way to a program, without ever waiting for it.
package struct InputEnd {
    package private(set) var descriptor: SharedDescriptor?
    private var waiting: [UInt8] = []
    private var written = 0
    /// When the reader took something last, or there began to be something to take.
    package private(set) var progressAt: Int64 = 0

    package init(_ descriptor: SharedDescriptor) {
        self.descriptor = descriptor
    }

    /// Bytes that wait here.
    package var count: Int { waiting.count - written }
    package var isOpen: Bool { descriptor != nil }

    package mutating func append(_ bytes: [UInt8], now: Int64) {
        guard descriptor != nil else { return }
        if count == 0 {
            (waiting, written) = (bytes, 0)
            progressAt = now
        } else {
            waiting.append(contentsOf: bytes)
        }
        push(now: now)
    }

    /// Writes what can be written. The end is closed when nobody reads any more.
    package mutating func push(now: Int64) {
        guard let descriptor, count > 0 else { return }
        // SAFETY: the pointer is used inside the closure only, and no more than the rest of the bytes is read.
        let done = waiting.withUnsafeBytes { bytes in
            write(descriptor.number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        }
        if done < 0 {
            if lastErrno != EAGAIN, lastErrno != EINTR { close() }
            return
        }
        if done > 0 { progressAt = now }
        written += done
        if written == waiting.count {
            (waiting, written) = ([], 0)
        } else if written > 65_536, written > waiting.count / 2 {
            // What never becomes empty must not keep what has been written.
            waiting.removeFirst(written)
            written = 0
        }
    }

    /// All there was has been written, and read.
    package var isStarved: Bool {
        guard let descriptor, count == 0 else { return false }
        var unread: Int32 = 0
        return ioctl(descriptor.number, UInt(FIONREAD), &unread) == 0 && unread == 0
    }

    package mutating func close() {
        descriptor?.close()
        descriptor = nil
        (waiting, written) = ([], 0)
    }
}
