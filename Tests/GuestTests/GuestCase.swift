import Testing

/// A program that runs in the guest, and how it has to end.
struct GuestCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// Bash, whatever the image is.
    let program: String
    var options: [String] = []
    var image = "sh"
    let verdict: String
    /// Of `nestbox`.
    let status: Int
    var stdout: String?
    /// The limit that was hit.
    var limit: String?

    var testDescription: String { name }

    // Few, because emulated each takes seconds of processor time before it does anything. They run two at a time.
    static let all: [GuestCase] = [
        // Each attempt to get out has to fail, a daemon that nobody waits for ends with the program, and a link is no
        // artifact.
        GuestCase(
            name: "ok",
            program: """
                id -u; pwd
                unshare --user true && echo user namespace
                unshare --mount true && echo mount namespace
                mount -t tmpfs tmpfs /tmp && echo mount
                echo x >/usr/planted && echo usr
                echo x >/planted && echo root
                echo 1 >/proc/sys/kernel/sysrq && echo sysctl
                ls -d /sys/fs/cgroup/* && echo groups
                ls -d /nestbox && echo host
                kill -9 1 && echo init
                (setsid sleep 1000 >/dev/null 2>&1 &)
                mkdir kept; echo 42 >kept/answer.txt; ln -s /etc/passwd kept/link.txt
                """, options: ["--artifacts", "kept/*.txt", "--output", "/tmp/artifacts"], verdict: "ok", status: 0,
            stdout: "1000\n/box\n"),
        GuestCase(
            name: "compiled", program: "echo 'echo made by a step' >program", image: "dbl", verdict: "ok", status: 0,
            stdout: "made by a step\n"),
        // dash gives up at once when it cannot fork.
        GuestCase(
            name: "processes", program: "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 100 & done; echo survived'",
            options: ["--limit", "processes=8"], verdict: "nonzero_exit", status: 2, stdout: "", limit: "processes"),
        GuestCase(
            name: "cpu", program: "while :; do :; done", options: ["--limit", "cpu=1s"], verdict: "cpu_limit",
            status: 124, limit: "cpu"),
        GuestCase(
            name: "wall", program: "sleep 100", options: ["--limit", "wall=1s"], verdict: "wall_limit", status: 124,
            limit: "wall"),
        // The shell outside has done nothing, and goes all the same: memory.oom.group.
        GuestCase(
            name: "memory", program: "bash -c 'x=a; while :; do x=$x$x; done'; echo survived",
            options: ["--limit", "memory=32MiB"], verdict: "memory_limit", status: 124, stdout: "", limit: "memory"),
        // Files of a tmpfs are memory as well.
        GuestCase(
            name: "memory-in-files", program: "head -c 30000000 /dev/zero >/tmp/large; echo survived",
            options: ["--limit", "memory=16MiB", "--limit", "disk=64MiB"],
            verdict: "memory_limit", status: 124, stdout: "", limit: "memory"),
        GuestCase(
            name: "output", program: "while :; do echo flood; done", options: ["--limit", "output=1000B"],
            verdict: "output_limit", status: 124, limit: "output"),
        GuestCase(
            name: "fork-bomb", program: "bomb() { (while :; do :; done) & bomb & bomb; }; bomb 2>/dev/null",
            options: ["--limit", "processes=32", "--limit", "cpu=2s", "--limit", "wall=60s"], verdict: "cpu_limit",
            status: 124, limit: "cpu"),
    ]

    /// What a run without an expectation of its own is there for; see Guest/init.
    struct Step {
        let name: String
        let program: String
        var options = ["--json"]
    }

    static let terminal = Step(
        name: "terminal", program: "test -t 0 && test -t 1 && echo terminal", options: ["--tty", "--quiet"])
    static let others = [
        Step(name: "undelegated", program: "echo hello"), Step(name: "swept", program: "echo hello"),
        Step(name: "killed-command", program: "sleep 1000"), Step(name: "killed-warden", program: "sleep 1000"),
        Step(name: "killed-both", program: "sleep 1000"),
    ]
}
