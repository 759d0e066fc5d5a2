internal import Synchronization

/// Memory that many connections share for what has not come completely. Safe from any thread.
package final class ByteBudget: Sendable {
    package let total: Int
    private let used = Mutex(0)

    /// - Parameter total: bytes at once; at least 1.
    package init(_ total: Int) {
        self.total = max(total, 1)
    }

    /// Takes bytes, all or none.
    package func take(_ bytes: Int) -> Bool {
        used.withLock { used in
            guard bytes <= total - used else { return false }
            used += bytes
            return true
        }
    }

    /// Gives back what was taken.
    package func give(_ bytes: Int) {
        used.withLock { $0 = max($0 - bytes, 0) }
    }

    package var inUse: Int { used.withLock { $0 } }
}

/// What one user has of a budget; given back with its owner.
package final class ByteLease: Sendable {
    private let budget: ByteBudget?
    private let held = Mutex(0)

    /// - Parameter budget: nil for one without an end.
    package init(_ budget: ByteBudget?) {
        self.budget = budget
    }

    deinit {
        resize(to: 0)
    }

    /// Makes it as large as wanted.
    ///
    /// - Returns: false when there is not enough; it stays as it was then.
    @discardableResult
    package func resize(to wanted: Int) -> Bool {
        held.withLock { held in
            guard let budget, wanted != held else { return true }
            if wanted < held { budget.give(held - wanted) } else if !budget.take(wanted - held) { return false }
            held = wanted
            return true
        }
    }
}
