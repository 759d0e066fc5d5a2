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
    /// Nanoseconds of processor time, of all interpreters that the session has had.
    package var totalCPU: Int64 = 0
    /// Bytes of connections to the outside, of all interpreters, both ways together.
    package var networkBytes: Int64 = 0

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

    /// - Parameter networkBytes: what connections of all its interpreters have moved.
    package init(_ engine: SessionEngine, networkBytes: Int64 = 0) {
        totalCPU = engine.cpuBefore + engine.usage.cpu
        self.networkBytes = networkBytes
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
