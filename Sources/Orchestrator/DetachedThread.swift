internal import Glibc
internal import LinuxSystem
package import RunModel
internal import Synchronization

/// Threads outside the cooperative pool, for calls that block. One that is done waits for the next work: a thread costs
/// more to make than a short run takes.
package enum DetachedThread {
    private final class Worker: Sendable {
        let work: Mutex<(@Sendable () -> Void)?>
        let gate = Gate()

        init(_ body: @escaping @Sendable () -> Void) {
            work = Mutex(body)
        }

        func run() {
            while true {
                // The gate may open for nothing.
                guard let body = work.withLock({ $0.take() }) else {
                    gate.wait()
                    continue
                }
                body()
                guard DetachedThread.keep(self) else { return }
            }
        }
    }

    /// So many threads wait for work at most; the others end. What waits costs a stack of a few touched pages.
    private static let maximumIdle = 32
    private static let idle = Mutex<[Worker]>([])

    /// Runs `body` on a thread of its own with all signals blocked: signals are the main program's business, and a write
    /// into a closed pipe is an error there, never a death.
    package static func start(_ body: @escaping @Sendable () -> Void) throws(APIError) {
        if let worker = idle.withLock({ $0.popLast() }) {
            worker.work.withLock { $0 = body }
            worker.gate.open()
            return
        }
        let worker = Unmanaged.passRetained(Worker(body))
        var every = sigset_t()
        var previous = sigset_t()
        sigfillset(&every)
        pthread_sigmask(SIG_BLOCK, &every, &previous)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, worker.toOpaque())
        pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard result == 0 else {
            worker.release()
            throw APIError(
                .internalError, SystemCallError("pthread_create", errno: result).description, retryable: true)
        }
        pthread_detach(thread)
    }

    private static func keep(_ worker: Worker) -> Bool {
        idle.withLock { idle in
            guard idle.count < maximumIdle else { return false }
            idle.append(worker)
            return true
        }
    }
}
