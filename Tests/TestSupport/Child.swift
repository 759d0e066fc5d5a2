package import Glibc

/// A child process of a test; killed and reaped when the test is done with it.
package final class Child {
    package let pid: pid_t
    private var status: Int32?

    /// - Parameters:
    ///   - arguments: the program, found in PATH, and its arguments.
    ///   - descriptors: become descriptors 3, 4, … of the child.
    package init(_ arguments: [String], descriptors: [Int32] = []) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Two steps, because a source may be the target of another one; dup2 also clears close-on-exec. The temporary
        // numbers are above all sources: tests that run beside this one may have hundreds open.
        let between = max(descriptors.max() ?? 0, Int32(3 + descriptors.count)) + 1
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, between + Int32(index))
        }
        for index in descriptors.indices {
            posix_spawn_file_actions_adddup2(&actions, between + Int32(index), Int32(3 + index))
            posix_spawn_file_actions_addclose(&actions, between + Int32(index))
        }
        // The test runner may have signals blocked or ignored, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var child: pid_t = 0
        let result = posix_spawnp(&child, arguments[0], &actions, &attributes, &argv, environ)
        guard result == 0 else { throw SpawnFailure(errno: result) }
        pid = child
    }

    package struct SpawnFailure: Error {
        package let errno: Int32
    }

    /// Waits for the end; the raw wait status.
    @discardableResult
    package func wait() -> Int32 {
        if let status { return status }
        var result: Int32 = 0
        while waitpid(pid, &result, 0) < 0 && errno == EINTR {}
        status = result
        return result
    }

    /// Waits for the end; the signal that ended it, 0 for an exit.
    package var endSignal: Int32 { wait() & 0x7f }

    deinit {
        if status == nil {
            Glibc.kill(pid, SIGKILL)
            wait()
        }
    }
}
