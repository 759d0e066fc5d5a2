internal import Foundation

/// A plain child of the test process, without any sandbox: what the positive controls run in.
///
/// It is always ended and reaped by `finish` or `end`.
final class ChildProcess: @unchecked Sendable {
    let pid: Int32
    let standardInput: Int32
    let standardOutput: Int32
    private var status: Int32?

    /// How a child ended and what it printed.
    struct Ending: Sendable {
        var output: [UInt8]
        /// wait(2)'s status; nil when the child had to be killed at the deadline.
        var status: Int32?
        var lines: [String] {
            String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        var exitCode: Int32? { status.flatMap { $0 & 0x7f == 0 ? $0 >> 8 : nil } }
    }

    struct SpawnFailure: Error {
        let code: Int32
        let program: String
    }

    /// - Parameters:
    ///   - extra: descriptors of ours the child gets beside 0, 1 and 2, with the same numbers.
    ///   - directory: the working directory.
    init(
        _ arguments: [String], environment: [String] = ["PATH=/usr/bin:/bin"], directory: String = "/",
        extra: [Int32] = []
    ) throws {
        var input: [Int32] = [-1, -1]
        var output: [Int32] = [-1, -1]
        guard pipe2(&input, O_CLOEXEC) == 0, pipe2(&output, O_CLOEXEC) == 0 else {
            throw SpawnFailure(code: errno, program: "pipe")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, input[0], 0)
        posix_spawn_file_actions_adddup2(&actions, output[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        _ = addChangeDirectory(&actions, directory)
        if extra.isEmpty { _ = addCloseFrom(&actions, 3) }
        // The same number twice only clears close-on-exec.
        for descriptor in extra { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for string in argv + envp { free(string) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
        close(input[0])
        close(output[1])
        guard code == 0 else {
            close(input[1])
            close(output[0])
            throw SpawnFailure(code: code, program: arguments[0])
        }
        self.pid = pid
        standardInput = input[1]
        standardOutput = output[0]
        _ = fcntl(standardOutput, F_SETFL, O_NONBLOCK)
    }

    /// Reads until `mark` has been printed, and returns everything so far; for children that say they are ready.
    func output(until mark: String, seconds: Double = 5) async -> String {
        var all: [UInt8] = []
        _ = await Host.eventually(within: seconds) {
            all += Host.readAll(standardOutput)
            return String(decoding: all, as: UTF8.self).contains(mark)
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// Closes stdin and collects the child; kills it after `seconds`.
    func finish(seconds: Double = 10, waitForEOF: Bool = true) async -> Ending {
        close(standardInput)
        var all: [UInt8] = []
        let ended = await Host.eventually(within: seconds) {
            all += Host.readAll(standardOutput)
            return reap(WNOHANG)
        }
        if !ended {
            kill(pid, SIGKILL)
            _ = reap(0)
        }
        all += Host.readAll(standardOutput)
        close(standardOutput)
        return Ending(output: all, status: ended ? status : nil)
    }

    private func reap(_ options: Int32) -> Bool {
        if status != nil { return true }
        var word: Int32 = 0
        guard waitpid(pid, &word, options) == pid else { return false }
        status = word
        return true
    }
}
