internal import Glibc

/// Threads of our own, for what may block: the tasks of the cooperative pool must not.
enum IOThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Runs `body` on a new detached thread with every signal blocked, so that handlers of the program stay on its own
    /// threads.
    /// - Returns: 0, or the errno of pthread_create.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // 1 MiB is plenty: nothing here recurses.
        pthread_attr_setstacksize(&attributes, 1 << 20)
        defer { pthread_attr_destroy(&attributes) }

        let boxed = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        // A new thread inherits the mask of its maker.
        pthread_sigmask(SIG_BLOCK, &all, &before)
        let failure = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, boxed.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if failure != 0 { boxed.release() }
        return failure
    }
}
