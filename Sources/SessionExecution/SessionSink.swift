package import SandboxSpec
package import SessionModel

/// What a session looks like from outside, between two events.
package struct SessionSnapshot: Sendable, Equatable {
    package var state: SessionState
    package var epoch: Int
    /// Cells that have begun.
    package var executed: Int
    package var queued: Int
    package var features: [String]
    /// Nil until the interpreter has said what it can.
    package var checkpointMethod: CheckpointMethod?
    /// Names, sorted.
    package var checkpoints: [String]
    /// Of the interpreter that runs.
    package var usage: Usage

    /// A session that has just been created.
    package init() {
        state = .starting
        epoch = 1
        executed = 0
        queued = 0
        features = []
        checkpoints = []
        usage = Usage()
    }

    init(_ engine: SessionEngine) {
        state = engine.state
        epoch = engine.epoch
        executed = engine.executedCells
        queued = engine.queuedCells
        checkpointMethod = engine.checkpointMethod
        // All have checkpoints, by one method or the other.
        features = engine.features.union(checkpointMethod == nil ? [] : ["checkpoint"]).sorted()
        checkpoints = engine.checkpointNames
        usage = engine.usage
    }
}

/// Who hears what happens in a session. Called on the thread of the reactor: must not block.
package protocol SessionSink: Sendable {
    /// The events, in their order; the last one is terminal.
    func receive(_ event: SessionEvent)

    /// Comes before the events that the change has brought about.
    func changed(_ snapshot: SessionSnapshot)

    /// Nobody has used the session, and its limits want it saved before it ends; it waits for that, for a while.
    func storeWanted()
}
