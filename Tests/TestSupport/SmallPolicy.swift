/// Policy files for tests that run nothing, or nothing large.
package enum SmallPolicy {
    /// A policy of an image that has the same name.
    ///
    /// - Parameters:
    ///   - isDefault: it is that of images that have none of their own, so that it names none.
    ///   - cpu: its limit of CPU time, as YAML, which may be wrong.
    ///   - output: its limit of output bytes.
    package static func yaml(
        _ name: String, isDefault: Bool = false, cpu: String = "5s", output: String = "1MiB"
    ) -> String {
        """
        version: 1
        name: \(name)\(isDefault ? "" : "\nimage: \(name)")
        limits: {cpu: \(cpu), wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: \(output), disk: 1MiB,
          inodes: 512, file_size: 1MiB, open_files: 64, cpus: 1.0}
        warn_at: 80%
        network: none
        syscalls: {allow: [read, write]}
        pool: {min: 0, max: 4, warm: none}

        """
    }
}
