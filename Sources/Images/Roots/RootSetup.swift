/// Runs the setup commands of a description inside a tree that is being built.
///
/// Each runs as `/bin/sh -e -c` with the tree as its root, as root, in mount, process and network namespaces of its own that
/// die with the build: there is a /proc, a /dev with the usual five nodes, an empty /tmp, and no network.
struct RootSetup {
    let commands: [String]

    /// Set on the outside, as the tree may hold no `env`.
    static let environment = [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "HOME=/tmp",
    ]

    /// `$1` is the tree and `$2` the command. The mounts are of the namespace and end with it.
    private static let entry = """
        set -e
        mount -t proc proc "$1/proc"
        mount -t tmpfs -o mode=0755 dev "$1/dev"
        mount -t tmpfs -o mode=1777 tmp "$1/tmp"
        for node in null zero full random urandom; do
            : >"$1/dev/$node"
            mount --bind "/dev/$node" "$1/dev/$node"
        done
        ln -s /proc/self/fd "$1/dev/fd"
        exec chroot "$1" /bin/sh -e -c "$2"
        """

    /// - Throws: `buildFailed`, with the command and how it ended, for the first that fails.
    func run(in task: BuildTask) throws(ImageError) {
        if commands.isEmpty { return }
        let directory = try TreeDirectory(task.directory)
        for name in ["proc", "dev", "tmp"] where try directory.status(Array(name.utf8)) == nil {
            try directory.makeDirectory(Array(name.utf8), mode: 0o755)
        }
        for (index, command) in commands.enumerated() {
            task.progress(.step("setup \(index + 1) of \(commands.count): \(Self.shown(command))"))
            let program = BuildProgram(
                executable: try ProgramSearch.path(of: "sh", package: "dash"),
                arguments: ["-c", Self.entry, "setup", task.directory, command], environment: Self.environment)
            try program.leashed(hasNetwork: false).run(
                name: "setup command `\(Self.shown(command))`", cancellation: task.cancellation
            ) { line in
                task.progress(.output(line))
            }
        }
    }

    /// The first line of a command, cut at 120 characters, without control characters.
    static func shown(_ command: String) -> String {
        let line = command.split(separator: "\n").first.map(String.init) ?? ""
        let text = line.unicodeScalars.prefix(120).map { $0.escaped(asASCII: false) }.joined()
        return text.unicodeScalars.count < command.unicodeScalars.count ? text + "…" : text
    }
}
