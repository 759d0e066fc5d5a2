package import RunModel

/// Who watches a run.
///
/// Called one event at a time, in order. The sink of a run that has a thread of its own may block: then nothing is read from the program
/// meanwhile, its pipe fills, and the program waits (its wall clock runs on). On the thread of all runs a sink must not block: it says by
/// `hasRoom` that it wants no more for now, to the same effect.
package protocol EventSink: Sendable {
    /// - Returns: whether the sink still listens. A sink that does not cancels the run.
    func receive(_ event: RunEvent) -> Bool

    /// Whether the sink wants more output. It gets what has been read by then in any case, and all other events.
    ///
    /// - Parameter onRoom: called after a no, on any thread, as soon as it is worth asking again; only that of the last no.
    func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool
}

extension EventSink {
    package func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool { true }
}
