package import RunModel
internal import Synchronization

/// The last outcomes of runs, of all owners. Bounded; safe from any thread.
package final class RecentOutcomes: Sendable {
    private static let maximum = 100

    private let outcomes = Mutex<[AdminOverview.Outcome]>([])

    package init() {}

    package func add(_ outcome: AdminOverview.Outcome) {
        outcomes.withLock { outcomes in
            if outcomes.count >= Self.maximum { outcomes.removeFirst() }
            outcomes.append(outcome)
        }
    }

    /// The newest first.
    var list: [AdminOverview.Outcome] { outcomes.withLock { $0.reversed() } }
}
