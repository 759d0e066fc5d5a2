internal import CLinux
internal import Glibc

/// Anonymous files in memory (memfd_create(2)).
package enum MemoryFile {
    /// A file with these contents that no process can change any more.
    package static func sealed(_ bytes: [UInt8], name: String) throws(SystemCallError) -> OwnedDescriptor {
        let file = try empty(name: name)
        var written = 0
        while written < bytes.count {
            // SAFETY: the range written..<count is inside the array.
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(file.number, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if count < 0 {
                if lastErrno == EINTR { continue }
                throw SystemCallError("write", errno: lastErrno, object: name)
            }
            written += count
        }
        try seal(file)
        return file
    }

    package static func empty(name: String) throws(SystemCallError) -> OwnedDescriptor {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        OwnedDescriptor(owning: try check(unsafe nestbox_memfd(name), "memfd_create", name))
    }

    package static func seal(_ file: borrowing OwnedDescriptor) throws(SystemCallError) {
        try check(nestbox_memfd_seal(file.number), "fcntl(F_ADD_SEALS)")
    }

    /// Whether a descriptor is a memfd that can no longer change.
    package static func isSealed(_ file: Int32) -> Bool {
        nestbox_memfd_is_sealed(file) == 1
    }
}

/// Pipes.
package enum Pipe {
    /// `first` is the read end, `second` the write end; close-on-exec.
    package static func make() throws(SystemCallError) -> DescriptorPair {
        var ends: [Int32] = [-1, -1]
        // SAFETY: the shim writes two descriptors into an array of two.
        try check(unsafe nestbox_pipe(&ends), "pipe2")
        return DescriptorPair(first: OwnedDescriptor(owning: ends[0]), second: OwnedDescriptor(owning: ends[1]))
    }
}
