internal import CallTrace
internal import ConfigurationFiles
internal import EgressRules
internal import Policies
internal import RunModel
internal import RunPlanning
internal import SandboxSpec

/// From the end of an observed run to a report.
enum RunTrace {
    /// - Parameters:
    ///   - settings: what the run was held to.
    ///   - groups: all groups of system calls.
    ///   - limits: of the observed step.
    static func report(
        _ log: TraceLog, _ outcome: RunOutcome, under settings: RunSettings, groups: SyscallGroups, limits: Limits
    ) -> TraceReport {
        var log = log
        for refusal in outcome.network?.refused ?? [] where refusal.reason == "policy" {
            for _ in 0..<min(refusal.count, 1000) {
                log.add(TraceLog.Destination(kind: .host, place: refusal.host))
            }
        }
        let policy = settings.policy
        let rules = TracedRules(
            policy: policy.name, syscalls: Set(policy.syscalls),
            groups: Dictionary(uniqueKeysWithValues: groups.names.map { ($0, Set(groups.calls(in: $0) ?? [])) }),
            known: KnownSyscalls.names, network: settings.network, networkCeiling: policy.networkCeiling,
            egress: policy.networks.egress?.rules.map(\.description) ?? [])
        let advice = PolicyAdvice(
            for: log, under: rules, endedByABI: outcome.verdict == .syscallDenied, raising: raised(outcome, limits))
        return TraceReport(policy: policy.name, log: log, advice: advice)
    }

    /// Twice of a limit that decided how the run ended, or that its program came up against.
    private static func raised(_ outcome: RunOutcome, _ limits: Limits) -> (name: LimitName, text: String)? {
        guard let name = outcome.limit.flatMap({ LimitName(rawValue: $0.name) }) else { return nil }
        let doubled = limits[name].multipliedReportingOverflow(by: 2)
        let value = min(doubled.overflow ? .max : doubled.partialValue, name.range.upperBound)
        return (name, LimitText.format(value, of: name))
    }
}
