internal import Glibc
internal import LinuxSystem

/// What the kernel has to offer.
enum KernelChecks {
    static func findings() -> [Finding] {
        [version()] + namespaces() + systemCalls() + [seccomp(), landlock()] + fileSystems() + [processIDs()]
    }

    /// The text of a small kernel file without its last newline; empty when it is not there.
    static func text(_ path: String) -> String {
        let bytes = (try? Files.read(path)) ?? []
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    private static func version() -> Finding {
        let release = text("/proc/sys/kernel/osrelease")
        let parts = release.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let isRecent = parts.count == 2 && (parts[0], parts[1]) >= (5, 11)
        return Finding(
            "kernel", isRecent, found: release, consequence: "the sandbox is built from parts this kernel lacks",
            remedy: "use Linux 5.11 or newer")
    }

    private static func namespaces() -> [Finding] {
        let results = NamespaceProbe.run()
        return NamespaceProbe.kinds.map { kind in
            let file = kind.name == "network" ? "net" : kind.name == "mount" ? "mnt" : kind.name
            let maximum = text("/proc/sys/user/max_\(file)_namespaces")
            let words: String
            switch results[kind.name] {
            case 0: words = "works, at most \(maximum) per user"
            case let number?: words = "refused: \(errnoDescription(number)), user.max_\(file)_namespaces is \(maximum)"
            case nil: words = "could not be tried"
            }
            let remedy =
                kind.name == "user"
                ? "sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=16384; look for AppArmor's "
                    + "kernel.apparmor_restrict_unprivileged_userns, and for a container runtime that forbids it"
                : "sysctl user.max_\(file)_namespaces=16384; a kernel with "
                    + "CONFIG_\(file == "mnt" ? "" : file.uppercased() + "_")NS"
            return Finding(
                "\(kind.name) namespace", results[kind.name] == 0, found: words,
                consequence: "no sandbox can be made: each has its own \(kind.name) namespace", remedy: remedy)
        }
    }

    private static func systemCalls() -> [Finding] {
        let calls: [(String, Bool, String)] = [
            ("clone3", SystemCallProbe.hasClone3, "sandboxes cannot be forked into all namespaces together"),
            ("pidfd", SystemCallProbe.hasPidDescriptors, "a kill could hit a process that took over the number"),
            ("close_range", SystemCallProbe.hasCloseRange, "descriptors could leak into a sandbox"),
            ("openat2", SystemCallProbe.hasOpenat2, "paths could not be confined to a directory"),
            ("memfd", SystemCallProbe.hasMemoryFiles, "files cannot be handed into a sandbox"),
        ]
        return calls.map { name, isThere, consequence in
            Finding(
                name, isThere, found: isThere ? "works" : "not there", consequence: consequence,
                remedy: "use Linux 5.11 or newer; a container runtime's own filter may forbid the call")
        }
    }

    private static func seccomp() -> Finding {
        let actions = text("/proc/sys/kernel/seccomp/actions_avail").split(separator: " ")
        let needed = ["kill_process", "errno", "allow"]
        return Finding(
            "seccomp filter", needed.allSatisfy { actions.contains(Substring($0)) },
            found: actions.isEmpty ? "not there" : actions.joined(separator: " "),
            consequence: "foreign code could make any system call",
            remedy: "a kernel with CONFIG_SECCOMP_FILTER (needed are \(needed.joined(separator: ", ")))")
    }

    private static func landlock() -> Finding {
        let version = SystemCallProbe.landlockVersion
        return Finding(
            "Landlock", version > 0, found: version > 0 ? "ABI \(version)" : "not there", otherwise: .degraded,
            consequence: "one layer less around the file system; the others hold",
            remedy: "a kernel with CONFIG_SECURITY_LANDLOCK, and landlock in its lsm= list")
    }

    private static func fileSystems() -> [Finding] {
        let known = text("/proc/filesystems").split(separator: "\n").compactMap { $0.split(separator: "\t").last }
        return [("tmpfs", "no writable /box"), ("proc", "no /proc in sandboxes"), ("devpts", "no terminals")].map {
            name, consequence in
            Finding(
                name, known.contains(Substring(name)), found: known.contains(Substring(name)) ? "there" : "not there",
                otherwise: name == "devpts" ? .degraded : .missing, consequence: consequence,
                remedy: "a kernel with \(name)")
        }
    }

    private static func processIDs() -> Finding {
        let maximum = Int(text("/proc/sys/kernel/pid_max")) ?? 0
        return Finding(
            "process ids", maximum >= 8192, found: "pid_max \(maximum)", otherwise: .degraded,
            consequence: "few programs with many processes can run together", remedy: "sysctl kernel.pid_max=4194304")
    }
}
