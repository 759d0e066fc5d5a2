internal import Digests
internal import Glibc
package import LinuxSystem

/// The tag of a file: two files with the same tag have the same content.
package enum FileTag {
    /// Of the content up to this size; larger files have one of their identity, size and time.
    private static let contentBytes: Int64 = 1 << 20

    /// Without quotes. Reads at most a megabyte.
    package static func tag(of file: SharedDescriptor) throws(SystemCallError) -> String {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemCallError("fstat", errno: lastErrno) }
        if status.st_size <= contentBytes { return String(try DurableFile.digest(of: file.number).prefix(32)) }
        return "\(status.st_ino)-\(status.st_size)-\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }
}
