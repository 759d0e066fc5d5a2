package import EgressRules
package import RunModel
package import SandboxSpec

/// A request that has been checked against its image and its policy, as the first phase of planning leaves it: all that will
/// happen, and nothing of the machine on which it will. Any machine that has the image can bind it (`RunPlanner.bind`).
package struct PortableRun: Sendable, Equatable {
    /// One program, and the rules of its sandbox.
    package struct Step: Sendable, Equatable {
        package var name: StepName
        package var rules: SandboxRules
        /// What holds for the program; times and output may differ from those of `rules`.
        package var limits: Limits
        package var job: Job
        /// What the program may reach outside; with `egress` alone.
        package var egress: EgressGrant?

        init(name: StepName, rules: SandboxRules, limits: Limits? = nil, job: Job, egress: EgressGrant? = nil) {
            self.name = name
            self.rules = rules
            self.limits = limits ?? rules.limits
            self.job = job
            self.egress = egress
        }

        fileprivate func bound(to root: RootSource) -> RunPlan.Step {
            RunPlan.Step(name: name, spec: rules.spec(root: root), limits: limits, job: job, egress: egress)
        }
    }

    package var runID: RunID
    /// The image by its name.
    package var image: String
    /// Written into the sandbox of every step.
    package var files: [InlineFile]
    package var steps: [Step]
    /// What may be said of it besides its verdict, without `syntax`.
    package var aids = RunAids()
    /// Looks at the program without running it; nil where there is no such way, or compiling is that.
    package var syntax: Step?

    init(runID: RunID, image: String, files: [InlineFile], steps: [Step]) {
        self.runID = runID
        self.image = image
        self.files = files
        self.steps = steps
    }

    /// The plan on a machine where this is the image's root.
    package func bound(to root: RootSource) -> RunPlan {
        var plan = RunPlan(runID: runID, files: files, steps: steps.map { $0.bound(to: root) })
        plan.aids = aids
        plan.aids.hasEgress = steps.contains { $0.egress != nil }
        plan.aids.syntax = syntax?.bound(to: root)
        return plan
    }
}
