internal import SandboxSpec

/// What it costs to allow a call, and why some cannot be allowed.
package enum CallDanger {
    /// Why a call that a policy may allow should be thought about; nil for those of the shipped group `@default`.
    ///
    /// - Parameter reviewed: the calls of `@default`.
    package static func reason(of call: String, reviewed: Set<String>) -> String? {
        if reviewed.contains(call) { return nil }
        return reasons[call] ?? "no shipped group has it: nobody has reviewed what it reaches"
    }

    /// Why no policy can allow a call; nil when one can.
    ///
    /// - Parameter known: the calls that a policy may name.
    package static func impossible(_ call: String, known: Set<String>) -> String? {
        if NeverSyscalls.contains(call) { return "no sandbox ever gets it (docs/policies.md, Never)" }
        if !known.contains(call) { return "newer than the calls that a policy can name; programs fall back" }
        return nil
    }

    private static let reasons: [String: String] = {
        let attributes = "attributes of files are kernel memory that the memory limit may not count"
        let queues = "POSIX message queues are kernel memory that no cgroup is charged for"
        let identity = "the program has one identity and no capabilities; it can only fail"
        let watches = "reveals which files of the image other sandboxes open"
        let scheduling = "changes how the kernel schedules it beside other sandboxes"
        let flush = "makes the host flush all its file systems: one program slows everybody"
        let asynchronous = "kernel AIO, which cannot be set up in a sandbox; it can only fail"
        var reasons = ["vmsplice": "pages shared between a program and a pipe: a source of kernel vulnerabilities"]
        for (calls, reason) in [
            (["setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"], attributes),
            (["mq_open", "mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr"], queues),
            (["capset", "setgroups", "setfsuid", "setfsgid"], identity),
            (["inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch"], watches),
            (["sched_setattr", "sched_setparam", "ioprio_set"], scheduling),
            (["sync", "syncfs"], flush),
            (["io_cancel", "io_destroy", "io_getevents", "io_pgetevents"], asynchronous),
        ] {
            for call in calls { reasons[call] = reason }
        }
        return reasons
    }()
}
