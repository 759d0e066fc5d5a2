internal import Images
internal import RunPlanning
package import SandboxSpec
internal import Synchronization

/// What compile steps have made, by everything it depends on, in memory and bounded.
///
/// Nothing in here is ever changed: a result is replaced as a whole, and whoever holds one keeps it. Two runs that
/// compile the same at the same time both compile; the later result stays. Safe from any thread.
package final class CompileCache: Sendable {
    package struct Bounds: Sendable, Equatable {
        /// Of all results together, with what it takes to keep them.
        package var bytes: Int
        package var count: Int

        package init(bytes: Int, count: Int = 4096) {
            self.bytes = bytes
            self.count = count
        }

        /// One result may take a quarter, so that it cannot drive out all others.
        var bytesPerResult: Int { bytes / 4 }
    }

    package struct Counts: Sendable, Equatable {
        /// Compile steps that were spared, and those that were looked for and had to run.
        package var hits: Int64 = 0
        package var misses: Int64 = 0
        package var bytes = 0
        package var entries = 0

        package init(hits: Int64 = 0, misses: Int64 = 0, bytes: Int = 0, entries: Int = 0) {
            self.hits = hits
            self.misses = misses
            self.bytes = bytes
            self.entries = entries
        }
    }

    private struct State {
        var results: RecencyStore<ContentDigest, CompileResult>
        var hits: Int64 = 0
        var misses: Int64 = 0
    }

    private let state: Mutex<State>
    private let bounds: Bounds
    private let stamp: @Sendable (RootSource) -> [UInt8]?

    package convenience init(bounds: Bounds) {
        self.init(bounds: bounds, stamp: { RootStamp.of($0) })
    }

    /// - Parameter stamp: tells one state of a root from another; nil for a root that may change unnoticed.
    package init(bounds: Bounds, stamp: @escaping @Sendable (RootSource) -> [UInt8]?) {
        self.bounds = bounds
        self.stamp = stamp
        state = Mutex(State(results: RecencyStore(maximumCost: bounds.bytes, maximumCount: bounds.count)))
    }

    package var counts: Counts {
        state.withLock { state in
            Counts(
                hits: state.hits, misses: state.misses, bytes: state.results.cost, entries: state.results.count)
        }
    }

    /// The digest of what a step's result depends on; nil when its results are not kept. Looks at the file system.
    func key(of step: RunPlan.Step, files: [RunPlan.File], scope: String) -> ContentDigest? {
        guard let stamp = stamp(step.spec.root), !files.contains(where: { TimeMacros.appear(in: $0.content) }),
            !step.job.files.contains(where: { TimeMacros.appear(in: $0.content) })
        else { return nil }
        return CompileKey.digest(of: step, files: files, scope: scope, stamp: stamp)
    }

    func find(_ key: ContentDigest) -> CompileResult? {
        state.withLock { state in
            let found = state.results.find(key)
            if found == nil { state.misses += 1 } else { state.hits += 1 }
            return found
        }
    }

    func keep(_ result: CompileResult, for key: ContentDigest) {
        let cost = result.bytes
        guard cost <= bounds.bytesPerResult else { return }
        _ = state.withLock { $0.results.keep(key, result, cost: cost) }
    }
}
