internal import Glibc
internal import LinuxSystem
internal import ServerSettings

// A GNU extension that the Glibc module leaves out; a plain function, so it can be named directly.
@_silgen_name("unshare")
private func libcUnshare(_ flags: Int32) -> Int32

/// Tries to enter each kind of namespace the way a sandbox does: as a user without rights.
///
/// That cannot be tried in a process with threads, and leaves it changed: so this program starts itself again, and the
/// child does nothing else.
enum NamespaceProbe {
    /// The one argument that makes this program the child.
    static let argument = "__probe-namespaces"

    /// In this order: the user namespace gives the rights for the others. The flags are CLONE_NEW* of linux/sched.h.
    static let kinds: [(name: String, flag: Int32)] = [
        ("user", 0x1000_0000), ("pid", 0x2000_0000), ("mount", 0x0002_0000), ("network", 0x4000_0000),
        ("ipc", 0x0800_0000), ("uts", 0x0400_0000), ("cgroup", 0x0200_0000),
    ]

    /// Prints one errno per line, 0 for success, and ends.
    static func runAsChild() -> Never {
        if geteuid() == 0 {
            // The zygotes that make sandboxes are not root either.
            _ = setgroups(0, nil)
            if setgid(65_534) != 0 || setuid(65_534) != 0 { _exit(1) }
        }
        for kind in kinds {
            let result = libcUnshare(kind.flag) == 0 ? 0 : lastErrno
            Console.say("\(result)")
        }
        _exit(0)
    }

    /// The errno of each kind, by name; empty when the child could not be run.
    static func run() -> [String: Int32] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return [:] }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], Console.output)
        for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
        var words: [UnsafeMutablePointer<CChar>?] = [strdup(Installation.executable), strdup(argument), nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, Installation.executable, &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard failure == 0 else { return [:] }
        let answer = (try? Files.read(ends[0], limit: 4096)) ?? []
        while waitpid(pid, nil, 0) < 0, lastErrno == EINTR {}
        let numbers = String(decoding: answer, as: UTF8.self).split(separator: "\n").compactMap { Int32($0) }
        var results: [String: Int32] = [:]
        for (kind, number) in zip(kinds, numbers) { results[kind.name] = number }
        return results
    }
}
