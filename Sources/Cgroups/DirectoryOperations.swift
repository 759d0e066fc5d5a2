package import LinuxSystem

/// How group directories come and go. A kernel fills a new one with control files and lets go of them on removal; a
/// fake tree in a test has to do so itself.
package protocol DirectoryOperations {
    /// Makes the directory `name` in an open directory.
    func make(_ name: String, _ directory: Int32) throws(SystemCallError)
    /// Removes it; EBUSY while it has processes or children.
    func remove(_ name: String, _ directory: Int32) throws(SystemCallError)
}

/// mkdirat(2) and unlinkat(2).
package struct KernelDirectories: DirectoryOperations {
    package init() {}

    package func make(_ name: String, _ directory: Int32) throws(SystemCallError) {
        try Files.makeDirectory(name, at: directory)
    }

    package func remove(_ name: String, _ directory: Int32) throws(SystemCallError) {
        try Files.removeDirectory(name, at: directory)
    }
}
