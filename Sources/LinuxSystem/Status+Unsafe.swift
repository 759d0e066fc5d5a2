internal import CLinux
internal import Glibc

/// What stat(2) says of a file, as far as anybody here asks.
package struct FileStatus: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case regular, directory, symbolicLink, other
    }

    package let kind: Kind
    package let size: Int64
    package let owner: UInt32
    package let permissions: UInt32
    /// With `inode`, tells a file from all others there are at the time.
    package let device: UInt64
    package let inode: UInt64
}

extension Files {
    /// The status of a name; a symbolic link is not followed.
    package static func status(
        _ path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) -> FileStatus {
        var raw = stat()
        // SAFETY: fstatat fills one struct stat; the bridged string outlives the call.
        guard unsafe fstatat(directory, path, &raw, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw SystemCallError("fstatat", errno: lastErrno, object: path)
        }
        return FileStatus(raw)
    }

    package static func status(of file: Int32) throws(SystemCallError) -> FileStatus {
        var raw = stat()
        // SAFETY: fstat fills one struct stat.
        guard unsafe fstat(file, &raw) == 0 else { throw SystemCallError("fstat", errno: lastErrno) }
        return FileStatus(raw)
    }

    /// Gives an open file to a user; its group stays.
    package static func changeOwner(of file: Int32, user: UInt32) throws(SystemCallError) {
        guard fchown(file, user, UInt32.max) == 0 else { throw SystemCallError("fchown", errno: lastErrno) }
    }

    /// Sets who may read, write and execute an open file.
    package static func changeMode(of file: Int32, to mode: UInt32) throws(SystemCallError) {
        guard fchmod(file, mode) == 0 else { throw SystemCallError("fchmod", errno: lastErrno) }
    }

    /// What a symbolic link says.
    package static func readLink(
        _ path: String, at directory: Int32 = workingDirectory
    ) throws(SystemCallError) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        // SAFETY: readlinkat writes at most `count` bytes and returns how many.
        let count = unsafe readlinkat(directory, path, &buffer, buffer.count)
        guard count >= 0 else { throw SystemCallError("readlinkat", errno: lastErrno, object: path) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Space of a file system: bytes and inodes, in all and free.
    package static func space(of file: Int32) throws(SystemCallError) -> FileSystemSpace {
        var four: [Int64] = [0, 0, 0, 0]
        // SAFETY: the shim writes four numbers into an array of four.
        try check(unsafe nestbox_space(file, &four), "fstatfs")
        return FileSystemSpace(bytes: four[0], freeBytes: four[1], inodes: four[2], freeInodes: four[3])
    }
}

package struct FileSystemSpace: Sendable, Equatable {
    package let bytes: Int64
    package let freeBytes: Int64
    package let inodes: Int64
    package let freeInodes: Int64
}

extension FileStatus {
    fileprivate init(_ raw: stat) {
        kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        size = Int64(raw.st_size)
        owner = raw.st_uid
        permissions = raw.st_mode & 0o7777
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
    }
}
