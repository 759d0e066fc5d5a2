internal import CallTrace
internal import ConfigurationFiles
internal import Policies
internal import RunModel
internal import RunPlanning
internal import SandboxSpec

extension RunSession {
    /// The place of the observed step among the steps; nil when nothing is observed.
    func observedStep(of plan: RunPlan) -> Int? {
        guard let traced else { return nil }
        return plan.steps.firstIndex { $0.name.rawValue == traced.rawValue }
    }

    static let noSuchStep = APIError(
        .invalidRequest, "--step: found compile, allowed run: this language has no compile step")

    /// Prints what was observed.
    ///
    /// - Returns: the exit status.
    func finish(
        _ observed: ObservedSandboxes?, _ outcome: RunOutcome, _ plan: RunPlan, _ settings: RunSettings
    ) throws -> Int32 {
        guard let observed, let index = observedStep(of: plan) else { throw Self.noSuchStep }
        guard let log = observed.finish() else {
            // Why has been told.
            return RunExit.failed
        }
        let groups = try Catalog.policies(directories.found).groups
        let report = RunTrace.report(
            log, outcome, under: settings, groups: groups, limits: plan.steps[index].limits)
        if options.json { try Output.json(report) } else { TraceText.lines(report).forEach { Console.say($0) } }
        return outcome.verdict == .internalError ? RunExit.failed : 0
    }
}
