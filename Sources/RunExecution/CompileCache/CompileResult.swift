internal import RunModel
internal import RunPlanning
internal import SandboxSpec

/// What a compile step left behind: enough to do without it the next time.
struct CompileResult: Sendable, Equatable {
    let products: [RunPlan.File]
    /// What the compiler wrote, as it was passed on.
    let output: [OutputRecorder.Chunk]
    let report: StepReport

    /// - Returns: nil unless the same step would end the same way again.
    ///
    /// Only success is. A compiler that failed may have met a limit that no verdict names (processes, open files, a
    /// kernel short of memory); kept, that failure would be repeated to clients whose program is fine. A success
    /// cannot be one by accident. What was cut off, skipped or not read to its end is not all there is.
    init?(_ end: StepOutcome, _ output: [OutputRecorder.Chunk]?) {
        guard let output, let report = end.report, end.verdict == .ok, report.verdict == .ok,
            report.status == .exited(0), end.limit == nil, end.error == nil, !end.truncated,
            end.artifacts.skipped.isEmpty, !end.products.isEmpty
        else { return nil }
        products = end.products
        self.output = output
        // A run that has it from here has used nothing for it.
        self.report = StepReport(
            step: report.step, warm: .cached, verdict: report.verdict, status: report.status, usage: UsageReport())
    }

    /// Memory that it takes, with some for the allocations around it.
    var bytes: Int {
        let files = products.reduce(0) { $0 + $1.content.capacity + $1.path.description.utf8.count + 128 }
        return output.reduce(files + 1024) { $0 + $1.text.bytes.capacity + 96 }
    }
}
