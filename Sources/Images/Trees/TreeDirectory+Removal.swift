internal import Glibc

extension TreeDirectory {
    /// Removes whatever lies under a name, directories with all they hold; nothing there is fine.
    ///
    /// It never leaves the file system it stands on: something mounted inside the tree is an error, not a victim.
    borrowing func remove(_ name: [UInt8]) throws(ImageError) {
        guard let status = try status(name) else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            try unlink(name, flags: 0)
            return
        }
        try directory(name).removeContents()
        try unlink(name, flags: AT_REMOVEDIR)
    }

    /// Empties the directory.
    borrowing func removeContents() throws(ImageError) {
        var here = stat()
        guard fstat(descriptor.number, &here) == 0 else { throw systemFailure("cannot look at a directory") }
        for name in try entries() {
            guard let status = try status(name) else { continue }
            guard status.st_dev == here.st_dev else {
                throw ImageError(.storage, "cannot remove \(shown(name)): another file system is mounted there")
            }
            try remove(name)
        }
    }

    private borrowing func unlink(_ name: [UInt8], flags: Int32) throws(ImageError) {
        guard withName(name, { unlinkat(descriptor.number, $0, flags) }) == 0 || errno == ENOENT else {
            throw systemFailure("cannot remove \(shown(name))")
        }
    }
}
