internal import Glibc
internal import Synchronization

/// Threads outside the cooperative pool, for calls that block: the only way this project starts a thread.
///
/// A thread whose work is done waits for more: to start a thread costs more than a short run takes. Capabilities belong to
/// threads, so none may be started before the process has given its rights up.
package enum DetachedThread {
    private final class Worker: Sendable {
        let work: Mutex<(@Sendable () -> Void)?>
        let gate = Gate()

        init(_ body: @escaping @Sendable () -> Void) {
            work = Mutex(body)
        }

        func run() {
            while true {
                // The gate may open without work.
                guard let body = work.withLock({ $0.take() }) else {
                    gate.wait()
                    continue
                }
                body()
                guard DetachedThread.keep(self) else { return }
            }
        }
    }

    /// So many threads wait for work at most; the others end. One that waits costs a stack of a few used pages.
    private static let maximumIdle = 32
    private static let idle = Mutex<[Worker]>([])

    /// Runs `body` on a thread of its own, with all signals blocked: signals are handled by the program's own threads,
    /// and a write to a closed pipe is an error there and does not end the process. Never blocks. Safe from any thread.
    ///
    /// - Throws: the error of pthread_create(3), for want of memory or of threads; `body` is then not called.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(SystemCallError) {
        if let worker = idle.withLock({ $0.popLast() }) {
            worker.work.withLock { $0 = body }
            worker.gate.open()
            return
        }
        // SAFETY: released by the thread that takes it over, or below when there is none.
        let worker = unsafe Unmanaged.passRetained(Worker(body))
        var all = sigset_t()
        var previous = sigset_t()
        var thread = pthread_t()
        // A new thread inherits the mask of the thread that starts it.
        // SAFETY: both sets are initialized before they are read, and outlive the calls.
        unsafe sigfillset(&all)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &all, &previous)
        // SAFETY: the thread takes over the reference that was retained above.
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, worker.toOpaque())
        // SAFETY: `previous` was filled in by the call above.
        _ = unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard result == 0 else {
            // SAFETY: no thread was started, so the reference is still ours.
            unsafe worker.release()
            throw SystemCallError("pthread_create", errno: result)
        }
        _ = pthread_detach(thread)
    }

    private static func keep(_ worker: Worker) -> Bool {
        idle.withLock { idle in
            guard idle.count < maximumIdle else { return false }
            idle.append(worker)
            return true
        }
    }
}
