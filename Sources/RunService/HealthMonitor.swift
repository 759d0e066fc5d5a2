/// Whether runs work: from what became of real ones, and, when there is no recent real one, of a test run. A value with times
/// as input.
package struct HealthMonitor: Sendable {
    /// Nanoseconds.
    package struct Bounds: Sendable, Equatable {
        /// A test run is made when no run has succeeded for so long; nil for never.
        package var every: Int64?
        /// Test runs are at least so far apart, and twice as far after each failure in a row, up to 64 times: what fails may leave
        /// a sandbox behind that nothing can end.
        package var pause: Int64 = 10_000_000_000
        /// What fails for so long will not mend itself.
        package var gracePeriod: Int64 = 120_000_000_000
        /// A sandbox that is still not there after so long means that something is wrong.
        package var starting: Int64 = 30_000_000_000

        package init(every: Int64? = 60_000_000_000) {
            self.every = every
        }
    }

    package let bounds: Bounds
    /// When a run was last seen to work.
    package private(set) var workedAt: Int64?
    /// Why the last test run failed; nil when it did not, or when a run has worked since.
    package private(set) var lastError: String?
    package private(set) var failingSince: Int64?
    package private(set) var tests = 0
    package private(set) var failedTests = 0
    private var testedAt: Int64?
    private var failuresInARow = 0
    private var isTesting = false
    private var isDoubtful = false

    package init(bounds: Bounds) {
        self.bounds = bounds
    }

    /// A run had its program started and ended in order.
    package mutating func worked(now: Int64) {
        workedAt = now
        isDoubtful = false
        failuresInARow = 0
        lastError = nil
        failingSince = nil
    }

    /// A run failed, and not by its own doing. It may be an exception: a test run will tell.
    package mutating func failed() {
        isDoubtful = true
    }

    /// Whether it is time for a test run. Whoever gets `true` makes one, and tells by `tested` how it ended.
    package mutating func beginsTest(now: Int64) -> Bool {
        let pause = bounds.pause << min(max(failuresInARow - 1, 0), 6)
        guard let every = bounds.every, !isTesting, now - (testedAt ?? .min / 2) >= pause else { return false }
        let isStale = workedAt.map { now - $0 >= every } ?? true
        guard isStale || isDoubtful || lastError != nil else { return false }
        isTesting = true
        testedAt = now
        return true
    }

    /// A test run has ended.
    ///
    /// - Parameter lastError: why it failed; nil when all went well.
    package mutating func tested(_ lastError: String?, now: Int64) {
        isTesting = false
        tests += 1
        guard let lastError else { return worked(now: now) }
        failedTests += 1
        failuresInARow += 1
        isDoubtful = false
        self.lastError = lastError
        failingSince = failingSince ?? now
    }

    /// There was nothing to make a test run with: nothing is known then.
    package mutating func couldNotTest() {
        isTesting = false
    }

    /// Whether it has failed for so long that somebody has to do something.
    package func isHopeless(now: Int64) -> Bool {
        failingSince.map { now - $0 >= bounds.gracePeriod } ?? false
    }
}
