internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// A child process of this one: a warden, or a sweep after one. Not thread-safe; belongs to one thread at a time.
struct WardenProcess: ~Copyable, Sendable {
    let pid: Int32
    /// Becomes readable when the process has ended.
    let descriptor: OwnedDescriptor
    private var status: ExitStatus?

    /// Starts `executable` in a process group of its own, so that a Ctrl-C meant for its parent does not reach it, with
    /// no signal blocked or ignored and no descriptor but those named here.
    ///
    /// - Parameters:
    ///   - executable: a path; PATH is not searched.
    ///   - arguments: what follows the name of the program.
    ///   - socket: becomes descriptor 3; -1 for none.
    ///   - standardError: becomes descriptor 2; -1 to inherit this process's.
    init(executable: String, arguments: [String], socket: Int32, standardError: Int32) throws(WardenError) {
        let child = try Self.spawn(executable, arguments, socket: socket, standardError: standardError)
        self.init(pid: child, descriptor: try Self.watch(child))
    }

    private init(pid: Int32, descriptor: consuming OwnedDescriptor) {
        self.pid = pid
        self.descriptor = descriptor
    }

    private static func watch(_ child: Int32) throws(WardenError) -> OwnedDescriptor {
        do {
            return try PidDescriptor.open(child)
        } catch {
            // Without it the end of the process could not be waited for.
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
            throw .system(error)
        }
    }

    /// How the process ended, once it has; reaps it on the way. Never blocks.
    mutating func reap() -> ExitStatus? {
        if let status { return status }
        var word: Int32 = 0
        var result = waitpid(pid, &word, WNOHANG)
        while result < 0 && lastErrno == EINTR { result = waitpid(pid, &word, WNOHANG) }
        guard result != 0 else { return nil }
        // An error means that another thread has reaped our child; then nothing more is known than that it is gone.
        let signal = UInt8(truncatingIfNeeded: word & 0x7f)
        let code = UInt8(truncatingIfNeeded: word >> 8)
        status = result < 0 ? .exited(255) : signal == 0 ? .exited(code) : .signaled(signal)
        return status
    }

    /// Waits for the end of the process; blocks the thread, at most until `deadline`.
    /// - Returns: nil when it still runs.
    mutating func wait(until deadline: ContinuousClock.Instant) -> ExitStatus? {
        while true {
            if let status = reap() { return status }
            var watched = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
            let left = PollTimeout.milliseconds(until: deadline)
            if left == 0 { return nil }
            _ = poll(&watched, 1, left)
        }
    }

    /// Whether it has ended, as far as `reap` has seen.
    var isReaped: Bool { status != nil }

    /// Ends the process immediately. Safe against reuse of the pid: it is ours until `reap` has returned a status.
    borrowing func terminate() {
        if status == nil { kill(pid, SIGKILL) }
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], socket: Int32, standardError: Int32
    ) throws(WardenError) -> Int32 {
        do throws(SystemCallError) {
            return try ProgramStart.run(executable, arguments, socket: socket, standardError: standardError)
        } catch {
            throw .cannotStart(executable: executable, errno: error.errno)
        }
    }
}

/// Timeouts as poll(2) takes them.
enum PollTimeout {
    /// Milliseconds from now until `deadline`, rounded up, so that a poll does not return just before it; 0 after it.
    static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return 0 }
        // A deadline further off than an hour is looked at again after one.
        let bounded = min(left, .seconds(3600))
        return Int32(bounded.components.seconds * 1000 + bounded.components.attoseconds / 1_000_000_000_000_000) + 1
    }
}
