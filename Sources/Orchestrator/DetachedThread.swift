internal import Glibc
internal import LinuxSystem
package import RunModel

/// A thread outside the cooperative pool, for calls that block.
package enum DetachedThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on a new thread with all signals blocked: signals are the main program's business, and a write
    /// into a closed pipe is an error there, never a death.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(APIError) {
        let work = Unmanaged.passRetained(Work(body))
        var every = sigset_t()
        var previous = sigset_t()
        sigfillset(&every)
        pthread_sigmask(SIG_BLOCK, &every, &previous)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard result == 0 else {
            work.release()
            throw APIError(
                .internalError, SystemCallError("pthread_create", errno: result).description, retryable: true)
        }
        pthread_detach(thread)
    }
}
