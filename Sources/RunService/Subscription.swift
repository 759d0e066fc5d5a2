/// One reader of a run's events. For one task at a time; let go of it, or `cancel` it, when done.
package final class Subscription: Sendable {
    private let log: EventLog
    private let id: Int

    init(log: EventLog, id: Int) {
        self.log = log
        self.id = id
    }

    deinit {
        log.drop(id)
    }

    /// The next events, as soon as there are some; `.quiet` now and then while there are none; `.ended` after the last
    /// one, when cancelled, and when the task is.
    ///
    /// - Parameter maximumBytes: about how much one batch may hold.
    package func next(maximumBytes: Int = 262_144) async -> EventLog.Batch {
        if Task.isCancelled { return .ended }
        if let batch = log.take(id, maximumBytes: maximumBytes) { return batch }
        await withTaskCancellationHandler {
            await withCheckedContinuation { log.wait(id, $0) }
        } onCancel: {
            log.drop(id)
        }
        return log.take(id, maximumBytes: maximumBytes) ?? .quiet
    }

    /// Ends it from another task. A lossless reader holds up nobody from then on.
    package func cancel() {
        log.drop(id)
    }
}
