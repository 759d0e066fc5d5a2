internal import NIOCore

/// Runs tasks on the thread of an event loop (SE-0417), so that sending and receiving in a socket's tasks needs no switch of
/// threads. Nothing that blocks or takes long may be done there.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
