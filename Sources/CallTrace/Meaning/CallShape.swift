/// What the arguments of a call mean that decide whether it is let through, or that tell what it was for.
///
/// Arguments that are not in the table are not shown: addresses and lengths say nothing to a reader.
struct CallShape: Sendable {
    struct Parameter: Sendable {
        let name: String
        /// Which argument, from 0.
        let index: Int
        let kind: Kind
    }

    enum Kind: Sendable {
        case number
        case hexadecimal
        case value(ArgumentNames.Values)
        case flags(ArgumentNames.Flags)
        /// A value in the bits of the mask, and flags in the others.
        case valueAndFlags(mask: UInt64, ArgumentNames.Values, ArgumentNames.Flags)
        /// An option of a socket; the argument before it is the level.
        case socketOption
        /// The address of a NUL-terminated text.
        case text
    }

    let parameters: [Parameter]

    private init(_ parameters: [(String, Int, Kind)]) {
        self.parameters = parameters.map { Parameter(name: $0.0, index: $0.1, kind: $0.2) }
    }

    static func of(_ call: String) -> CallShape? { table[call] }

    private static let table: [String: CallShape] = {
        var table: [String: CallShape] = [:]
        func add(_ calls: String..., shape: [(String, Int, Kind)]) {
            for call in calls { table[call] = CallShape(shape) }
        }
        let path: (String, Int, Kind) = ("path", 0, .text)
        add(
            "socket", "socketpair",
            shape: [
                ("domain", 0, .value(ArgumentNames.families)),
                ("type", 1, .valueAndFlags(mask: 0xf, ArgumentNames.socketTypes, ArgumentNames.socketFlags)),
                ("protocol", 2, .value(ArgumentNames.protocols)),
            ])
        add(
            "setsockopt", "getsockopt",
            shape: [("level", 1, .value(ArgumentNames.levels)), ("option", 2, .socketOption)])
        add("clone", shape: [("flags", 0, .flags(ArgumentNames.cloneFlags))])
        add("unshare", shape: [("flags", 0, .flags(ArgumentNames.namespaces))])
        add("setns", shape: [("type", 1, .flags(ArgumentNames.namespaces))])
        add("ptrace", shape: [("request", 0, .value(ArgumentNames.traceRequests)), ("pid", 1, .number)])
        add(
            "mount",
            shape: [
                ("source", 0, .text), ("target", 1, .text), ("type", 2, .text),
                ("flags", 3, .flags(ArgumentNames.mountFlags)),
            ])
        add("umount2", shape: [("target", 0, .text), ("flags", 1, .flags(ArgumentNames.unmountFlags))])
        add("pivot_root", shape: [("root", 0, .text), ("old root", 1, .text)])
        add("fsopen", shape: [("type", 0, .text)])
        add("open_tree", "name_to_handle_at", "move_mount", shape: [("path", 1, .text)])
        add("chroot", "swapon", "swapoff", "acct", "uselib", shape: [path])
        add("setxattr", "lsetxattr", "removexattr", "lremovexattr", shape: [path, ("name", 1, .text)])
        add("fsetxattr", "fremovexattr", shape: [("name", 1, .text)])
        add("inotify_add_watch", shape: [("path", 1, .text), ("mask", 2, .hexadecimal)])
        add("mq_open", shape: [("name", 0, .text)])
        add("prctl", shape: [("option", 0, .value(ArgumentNames.processOperations))])
        add("personality", shape: [("flags", 0, .flags(ArgumentNames.personalities))])
        add("ioctl", shape: [("request", 1, .value(ArgumentNames.requests))])
        add("fcntl", shape: [("command", 1, .value(ArgumentNames.descriptorCommands))])
        add("madvise", shape: [("advice", 2, .value(ArgumentNames.advice))])
        add("mmap", shape: [("flags", 3, .flags(ArgumentNames.mapFlags))])
        add("memfd_create", shape: [("name", 0, .text), ("flags", 1, .flags(ArgumentNames.memoryFileFlags))])
        add("shmget", shape: [("flags", 2, .flags(ArgumentNames.sharedMemoryFlags))])
        add("pipe2", shape: [("flags", 1, .flags(ArgumentNames.pipeFlags))])
        add("preadv2", "pwritev2", shape: [("flags", 5, .flags(ArgumentNames.readFlags))])
        add("sendto", "recvfrom", "sendmmsg", "recvmmsg", shape: [("flags", 3, .flags(ArgumentNames.messageFlags))])
        add("sendmsg", "recvmsg", shape: [("flags", 2, .flags(ArgumentNames.messageFlags))])
        add("setrlimit", shape: [("resource", 0, .value(ArgumentNames.resources))])
        add("prlimit64", shape: [("pid", 0, .number), ("resource", 1, .value(ArgumentNames.resources))])
        add("keyctl", shape: [("operation", 0, .value(ArgumentNames.keyOperations))])
        add("add_key", "request_key", shape: [("type", 0, .text), ("description", 1, .text)])
        add("bpf", shape: [("command", 0, .value(ArgumentNames.bpfCommands))])
        add("seccomp", shape: [("operation", 0, .value(ArgumentNames.filterOperations))])
        add("process_vm_readv", "process_vm_writev", shape: [("pid", 0, .number)])
        add("pidfd_getfd", shape: [("descriptor", 1, .number)])
        add("io_uring_setup", shape: [("entries", 0, .number)])
        add("capset", "setgroups", "setfsuid", "setfsgid", shape: [])
        return table
    }()
}
