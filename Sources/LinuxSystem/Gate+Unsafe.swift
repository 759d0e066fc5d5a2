internal import Glibc

/// A semaphore that holds one thread up until another one opens it. Blocks the thread: never for a task.
@safe package final class Gate: Sendable {
    // SAFETY: allocated in init, freed in deinit, and in between used by sem_*(3) alone, which any thread may call.
    nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

    package init() {
        unsafe semaphore = .allocate(capacity: 1)
        // SAFETY: points to memory of this object, which no other thread knows yet.
        _ = unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        // SAFETY: initialized in init; no thread waits, because a waiting thread holds a reference.
        _ = unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    /// Returns after the next `open`, also one that came before. May return without one: check the condition again.
    package func wait() {
        // SAFETY: initialized for as long as this object lives.
        _ = unsafe sem_wait(semaphore)
    }

    /// Lets one waiting thread, or the next one that waits, pass. Never blocks.
    package func open() {
        // SAFETY: as above.
        _ = unsafe sem_post(semaphore)
    }
}
