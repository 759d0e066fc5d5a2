internal import RunModel
internal import SandboxSpec
internal import Synchronization

/// Plans of requests that were right, for requests that differ from them only in what their files contain.
///
/// Belongs to one set of images and policies: a reload begins with an empty one. A request that is wrong is never in it, so
/// its errors are always found in full. Safe from any thread.
package final class PlanCache: Sendable {
    package struct Bounds: Sendable, Equatable {
        package var count = 1024
        /// Of all keys and commands together.
        package var bytes = 4_194_304

        package init() {}
    }

    private let templates: Mutex<RecencyStore<PlanKey, PlanTemplate>>

    package init(bounds: Bounds = Bounds()) {
        templates = Mutex(RecencyStore(maximumCost: bounds.bytes, maximumCount: bounds.count))
    }

    /// How many plans are kept.
    package var count: Int { templates.withLock { $0.count } }

    func find(_ key: PlanKey) -> PlanTemplate? { templates.withLock { $0.find(key) } }

    func keep(_ key: PlanKey, _ template: PlanTemplate) {
        let cost = key.cost + template.cost
        templates.withLock { _ = $0.keep(key, template, cost: cost) }
    }
}

/// A checked request without what its files contain.
struct PlanTemplate: Sendable {
    private let settings: RunSettings
    private let run: PortableRun
    /// For each file of the run, which of the request's it is; nil for the program's text.
    private let sources: [Int?]

    init(_ checked: RunPlanner.Checked, sources: [Int?]) {
        settings = checked.settings
        var run = checked.run
        for index in run.files.indices { run.files[index].content = [] }
        self.run = run
        self.sources = sources
    }

    /// About how many bytes it takes to keep it; names of system calls and modules are those of policy and image.
    var cost: Int { (run.steps.map(\.job) + [run.syntax?.job].compactMap(\.self)).reduce(1024) { $0 + $1.stringBytes } }

    /// The same with the files of this request.
    ///
    /// - Returns: nil when they are too large, or not those that the template was made for.
    func checked(_ request: RunRequest, runID: RunID) -> RunPlanner.Checked? {
        var run = run
        run.runID = runID
        var room = settings.limits[.disk]
        guard sources.count == run.files.count else { return nil }
        for (index, source) in sources.enumerated() {
            if let source {
                guard request.files.indices.contains(source) else { return nil }
                run.files[index].content = request.files[source].content
                run.files[index].executable = request.files[source].executable
            } else {
                guard let code = request.code else { return nil }
                run.files[index].content = code
            }
            room -= Int64(run.files[index].content.count)
        }
        return room < 0 ? nil : RunPlanner.Checked(settings: settings, run: run)
    }
}
