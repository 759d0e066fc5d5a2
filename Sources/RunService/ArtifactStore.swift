package import RunExecution
package import RunModel

/// Keeps the files that runs export, by run and path. Safe from any thread.
package protocol ArtifactStore: Sendable {
    /// Makes a place for the files of a run.
    func open(_ run: RunID) -> any ArtifactSink

    /// A file as a whole; nil when the run has exported none of that path, or it is not kept any more.
    func content(of path: String, run: RunID) -> [UInt8]?

    /// What the files of a run take, in bytes.
    func bytes(of run: RunID) -> Int

    /// Lets go of all files of these runs. What a late thread of such a run still exports is refused.
    func remove(_ runs: [RunID])
}
