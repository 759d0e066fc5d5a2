internal import LinuxSystem

/// The processes of a group.
enum CgroupProcesses {
    /// Enough for every pid there can be in a sandbox: 16,384 of at most 8 bytes.
    private static let maximumBytes = 262_144

    static func list(_ path: String, at directory: Int32 = Files.workingDirectory) throws(SystemCallError) -> [Int32] {
        KernelText.pids(try Files.read(path, at: directory, limit: maximumBytes)[...])
    }
}
