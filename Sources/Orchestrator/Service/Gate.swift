internal import Glibc

/// Holds up one thread until another one lets it pass. For the run's own thread only, never for a task.
final class Gate: Sendable {
    // SAFETY: allocated in init, freed in deinit, and in between touched by sem_*(3) alone, which any thread may call.
    nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Returns after the next `open`, also one that came before. May return without one: look again at what you wait for.
    func wait() {
        sem_wait(semaphore)
    }

    func open() {
        sem_post(semaphore)
    }
}
