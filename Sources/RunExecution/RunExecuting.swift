package import RunModel
package import RunPlanning

/// A run that has been accepted: all that carrying it out takes.
package struct AcceptedRun: Sendable {
    package let plan: RunPlan
    /// What the program of the last step reads; a compile step reads nothing.
    package let input: RunInput
    /// Where the files go that the run step exports; without it they are listed and dropped.
    package let artifacts: (any ArtifactSink)?
    package let control: RunControl
    /// Emits the events of the run, from where it stands.
    package let log: RunEventEmitter

    package init(
        plan: RunPlan, input: RunInput = .empty, artifacts: (any ArtifactSink)? = nil, control: RunControl,
        log: RunEventEmitter
    ) {
        self.plan = plan
        self.input = input
        self.artifacts = artifacts
        self.control = control
        self.log = log
    }
}

/// The seam between those who accept runs and whatever carries them out: sandboxes of this machine, in tests a script.
///
/// What holds for every run (counting, tracing, another machine) is a decorator: an executor that has an executor.
package protocol RunExecuting: Sendable {
    /// Begins a run whose acceptance has been reported. Returns immediately.
    ///
    /// The run's log has emitted exactly one `finished` when `whenDone` is called, and nothing is emitted after it.
    ///
    /// - Parameter whenDone: called once, on a thread where it may block.
    func begin(_ run: AcceptedRun, whenDone: @escaping @Sendable (RunOutcome) -> Void)
}
