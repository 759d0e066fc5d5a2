internal import Synchronization

/// Memory that many connections share for incomplete bodies and messages. Safe from any thread.
package final class ByteBudget: Sendable {
    package let total: Int
    private let used = Mutex(0)

    /// - Parameter total: the most bytes in use; at least 1.
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

    /// Returns taken bytes.
    package func give(_ bytes: Int) {
        used.withLock { $0 = max($0 - bytes, 0) }
    }

    package var inUse: Int { used.withLock { $0 } }
}

/// One user's share of a budget; returned when its owner is released.
package final class ByteLease: Sendable {
    private let budget: ByteBudget?
    private let held = Mutex(0)

    /// - Parameter budget: nil for an unlimited one.
    package init(_ budget: ByteBudget?) {
        self.budget = budget
    }

    deinit {
        resize(to: 0)
    }

    /// Changes the size of the share.
    ///
    /// - Returns: false when the budget has not enough; the share then stays as it was.
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
