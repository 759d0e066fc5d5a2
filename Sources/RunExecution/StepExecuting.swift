internal import Egress
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply

/// Carries out one step of a run. Decorators have an executor of steps themselves: the compile cache is one.
protocol StepExecuting: Sendable {
    /// Starts the program of a step now, where a sandbox is parked and nothing else has to be done first; nil otherwise. Called by the code
    /// that accepts the run, on its own thread, so that no change of threads is on the way to the program. Never blocks.
    func begin(_ step: RunPlan.Step, files: [RunPlan.File], control: RunControl) -> BegunStep?

    /// Called by the task that carries out the run, on the run's thread. What `begin` made of the step is in the request.
    func execute(_ request: StepRequest) async -> StepOutcome
}

/// A step whose sandbox has been told to start its program.
struct BegunStep: Sendable {
    let lease: SandboxLease
    /// What could not be sent; the events of the sandbox say what became of it.
    let error: APIError?
    /// Of the time before the start, so that nothing the program writes is missed.
    let writes: WriteWatch?
    /// Its way out, if it has one; open since before the start.
    var door: EgressDoor?
}

/// A step that is to be carried out, with what belongs to it.
struct StepRequest: Sendable {
    /// Where the files go that a step exports.
    enum Destination: Sendable {
        case nextStep
        case store((any ArtifactSink)?)
    }

    let step: RunPlan.Step
    let files: [RunPlan.File]
    let control: RunControl
    let pump: RunPump
    var input = RunInput.empty
    /// Of a step that has been started already.
    var begun: BegunStep?
    var destination = Destination.nextStep
    /// Whether no event of the step is emitted.
    var isSilent = false
    /// Keeps what the step writes, if that is wanted.
    var recorder: OutputRecorder?
    /// Whose results the step may have and adds to; nil for nobody's.
    var cacheScope: String?
}

/// How a step ended. Without a report it never started.
struct StepOutcome: Sendable {
    var verdict: Verdict
    var report: StepReport?
    var limit: LimitReport?
    var truncated = false
    var error: APIError?
    var artifacts = ArtifactList()
    var products: [RunPlan.File] = []
    /// How ready its sandbox was; nil when its program never started.
    var warm: WarmStart?
    /// What it did with its way out, if it had one.
    var network: NetworkReport?
    /// The last bytes of stderr, or of the terminal.
    var tail: [UInt8] = []
}

/// Carries steps out: each in a sandbox of its own.
struct SandboxedSteps: StepExecuting {
    let source: any SandboxSource
    let egress: EgressService?

    func begin(_ step: RunPlan.Step, files: [RunPlan.File], control: RunControl) -> BegunStep? {
        StepRun.begin(step, files: files, control: control, from: source, egress: egress)
    }

    func execute(_ request: StepRequest) async -> StepOutcome {
        var run = StepRun(request, egress: egress)
        return await run.execute(from: source)
    }
}
