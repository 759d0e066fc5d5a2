internal import Glibc

/// An open file descriptor, closed when its owner goes.
struct FileDescriptor: ~Copyable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        _ = close(number)
    }

    /// Opens a path the operator named; symbolic links are followed, the descriptor is close-on-exec.
    init(_ path: String, flags: Int32, mode: mode_t = 0, code: ImageError.Code = .storage) throws(ImageError) {
        let opened = open(path, flags | O_CLOEXEC, mode)
        guard opened >= 0 else { throw systemFailure("cannot open \(path)", code: code) }
        number = opened
    }

    /// Reads up to `count` bytes from the position `offset`; fewer only at the end of the file.
    borrowing func read(at offset: Int64, count: Int) throws(ImageError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    number, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { break }
                filled += got
            }
        }
        if failure != 0 { throw systemFailure("cannot read", errno: failure) }
        return bytes
    }
}
