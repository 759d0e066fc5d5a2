package import EgressRules
package import RunModel
package import SandboxSpec

/// A request that has been checked against its image and its policy: what will happen, in full.
package struct RunPlan: Sendable, Equatable {
    /// A file to write under /box.
    package typealias File = InlineFile

    /// One program in a sandbox of its own.
    package struct Step: Sendable, Equatable {
        package var name: StepName
        /// What its sandbox is made with.
        package var spec: SandboxSpec
        /// What holds for the program; times and output may differ from those of `spec`.
        package var limits: Limits
        package var job: Job
        /// What the program may reach outside; with `egress` alone.
        package var egress: EgressGrant?

        package init(
            name: StepName, spec: SandboxSpec, limits: Limits? = nil, job: Job, egress: EgressGrant? = nil
        ) {
            self.name = name
            self.spec = spec
            self.limits = limits ?? spec.limits
            self.job = job
            self.egress = egress
        }

        /// The times to set when it starts; nil when the sandbox was made with them.
        package var times: TimeLimits? {
            let times = TimeLimits(limits)
            return times == TimeLimits(spec.limits) ? nil : times
        }
    }

    package var runID: RunID
    /// Written into the sandbox of every step.
    package var files: [File]
    /// At most two: compile, run. What the compile step leaves is written into the sandbox of the next one.
    package var steps: [Step]
    /// What may be said of it besides its verdict.
    package var aids = RunAids()
    /// The owner whose compile results this run may use and adds to; nil to use and add none.
    package var cacheScope: String?

    package init(runID: RunID, files: [File], steps: [Step]) {
        self.runID = runID
        self.files = files
        self.steps = steps
    }

    /// Whether the sandbox of some step is to have a booted interpreter.
    package var isPrepared: Bool { steps.contains { $0.spec.preparation != .none } }

    /// The most bytes of output the whole run can have.
    package var maximumOutputBytes: Int {
        Int(clamping: steps.reduce(Int64(0)) { $0 + $1.limits[.output] })
    }
}
