package import RunModel

/// Who watches a run.
///
/// Called on the run's own thread, one event at a time, in order. It may block: then nothing is read from the program
/// meanwhile, its pipe fills, and the program waits (its wall clock runs on).
package protocol EventSink: Sendable {
    /// - Returns: whether the sink still listens. A sink that does not cancels the run.
    func receive(_ event: RunEvent) -> Bool
}
