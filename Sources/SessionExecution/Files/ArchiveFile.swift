internal import Glibc
package import LinuxSystem

/// Files that archives are written to.
package enum ArchiveFile {
    /// open(2), as the kernel knows it: a file without a name.
    private static let nameless: Int32 = 0o20200000

    /// A file that has no name, and is gone with its descriptor: on the disk of a directory where it can be, where it takes no
    /// memory of the sandbox; else in memory.
    package static func make(in directory: String?) throws(SystemCallError) -> OwnedDescriptor {
        if let directory {
            do throws(SystemCallError) {
                return try Files.open(directory, flags: nameless | O_RDWR, mode: 0o600)
            } catch {
                // Not every file system can.
            }
        }
        return try MemoryFile.empty(name: "files")
    }
}
