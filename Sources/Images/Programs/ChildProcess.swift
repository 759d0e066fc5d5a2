internal import Glibc

/// A started program of the system: its process id, and the duty to wait for it.
///
/// It leads a process group of its own. The caller has to `wait` or `kill` it, on any thread.
struct ChildProcess {
    let pid: pid_t

    /// Starts a program with the given standard descriptors; all others of ours are close-on-exec.
    ///
    /// - Parameters:
    ///   - executable: an absolute path.
    ///   - arguments: without the program's own name.
    init(
        _ executable: String, _ arguments: [String], environment: [String], input: Int32, output: Int32, error: Int32
    ) throws(ImageError) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) } + [nil]
        let envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var started: pid_t = 0
        let result = posix_spawn(&started, executable, &actions, &attributes, argv, envp)
        guard result == 0 else { throw systemFailure("cannot start \(executable)", code: .buildFailed, errno: result) }
        pid = started
    }

    /// How a process ended.
    enum Ending: Equatable {
        case exited(Int32)
        case signaled(Int32)

        init(status: Int32) {
            self = status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signaled(status & 0x7f)
        }
    }

    /// Its ending if it has ended; nil while it runs. Not to be called again after it returned one.
    func ended() -> Ending? {
        var status: Int32 = 0
        while true {
            let result = waitpid(pid, &status, WNOHANG)
            if result == pid { return Ending(status: status) }
            if result < 0 && errno == EINTR { continue }
            // ECHILD: other code reaped it; there is nothing left to wait for.
            return result < 0 ? .exited(255) : nil
        }
    }

    /// Waits for the end.
    func wait() -> Ending {
        var status: Int32 = 0
        while true {
            let result = waitpid(pid, &status, 0)
            if result == pid { return Ending(status: status) }
            if result < 0 && errno != EINTR { return .exited(255) }
        }
    }

    /// Kills its process group and waits for it.
    func kill() {
        Glibc.kill(-pid, SIGKILL)
        Glibc.kill(pid, SIGKILL)
        _ = wait()
    }
}

/// A pipe: what is written to `write` comes out of `read`. Both ends are close-on-exec.
struct Pipe: ~Copyable {
    let read: FileDescriptor
    let write: FileDescriptor

    init() throws(ImageError) {
        var ends: [Int32] = [-1, -1]
        // Not pipe(2), which cannot close on exec from the start: another thread's child would keep our end open.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw systemFailure("cannot make a pipe") }
        read = FileDescriptor(owning: ends[0])
        write = FileDescriptor(owning: ends[1])
    }

    /// Gives up the writing end, so that the end of the output can be seen.
    consuming func reading() -> FileDescriptor {
        read
    }
}
