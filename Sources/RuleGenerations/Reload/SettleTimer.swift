/// When to read files that are being changed: once nothing has happened to them for a moment, or has for too long.
///
/// Pure. Times are nanoseconds of one clock that never goes back.
package struct SettleTimer: Sendable, Equatable {
    /// How long nothing must have happened.
    package static let quiet: Int64 = 200_000_000
    /// How long files that are touched all the time are waited for.
    package static let longest: Int64 = 3_000_000_000

    private var first: Int64?
    private var last: Int64 = 0

    package init() {}

    /// Whether something has happened that nobody has read yet.
    package var isWaiting: Bool { first != nil }

    /// Something has happened.
    package mutating func touch(at now: Int64) {
        first = first ?? now
        last = max(now, last)
    }

    /// Whether it is time to read.
    package func isDue(at now: Int64) -> Bool {
        guard let first else { return false }
        return now - last >= Self.quiet || now - first >= Self.longest
    }

    /// The files are about to be read: what happens from now on counts anew.
    package mutating func begin() {
        first = nil
        last = 0
    }
}
