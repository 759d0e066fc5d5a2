import Glibc

/// A child process of a test; killed and reaped when the test is done with it.
final class Child {
    let pid: pid_t
    private var status: Int32?

    /// - Parameter descriptors: become descriptors 3, 4, … of the child.
    init(_ arguments: [String], descriptors: [Int32] = []) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Two steps, because a source may be the target of another one; dup2 also clears close-on-exec. What lies
        // between is above all sources: tests that run beside this one may have hundreds open.
        let between = max(descriptors.max() ?? 0, Int32(3 + descriptors.count)) + 1
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, between + Int32(index))
        }
        for index in descriptors.indices {
            posix_spawn_file_actions_adddup2(&actions, between + Int32(index), Int32(3 + index))
            posix_spawn_file_actions_addclose(&actions, between + Int32(index))
        }
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in argv { free(pointer) } }
        var child: pid_t = 0
        let result = posix_spawnp(&child, arguments[0], &actions, nil, &argv, environ)
        guard result == 0 else { throw SpawnFailure(errno: result) }
        pid = child
    }

    struct SpawnFailure: Error {
        let errno: Int32
    }

    /// Waits for the end; the raw wait status.
    @discardableResult
    func wait() -> Int32 {
        if let status { return status }
        var result: Int32 = 0
        while waitpid(pid, &result, 0) < 0 && errno == EINTR {}
        status = result
        return result
    }

    var endSignal: Int32 { wait() & 0x7f }

    deinit {
        if status == nil {
            Glibc.kill(pid, SIGKILL)
            wait()
        }
    }
}
