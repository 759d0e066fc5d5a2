/// Counts a program's output and decides how much of it is passed on. Pure; the reader of the output owns it.
package struct OutputMeter: Sendable, Equatable {
    /// What to do with the bytes just read.
    package struct Portion: Sendable, Equatable {
        /// How many of them, from the front, to pass on.
        package let forward: Int
        /// Set once, when the count reaches `warnAt` percent of the limit without going over it.
        package let warning: LimitHit?
        /// Set once, when the count exceeds the limit: the caller ends the program.
        package let exceeded: LimitHit?
    }

    /// The `output` limit in bytes. Exactly this much is allowed.
    package let limit: Int64
    /// Bytes written so far, including those that were not passed on; saturates at Int64.max.
    package private(set) var total: Int64 = 0
    private let threshold: Int64
    private var hasWarned = false

    /// - Parameters:
    ///   - limit: bytes; a negative number counts as 0.
    ///   - warnAt: percent of the limit; 100 and more warn when the limit is reached.
    package init(limit: Int64, warnAt: UInt8) {
        self.limit = max(0, limit)
        let percent = Int64(min(warnAt, 100))
        // limit x percent / 100 without the product, which could overflow.
        threshold = self.limit / 100 * percent + (self.limit % 100 * percent + 99) / 100
    }

    /// Whether more was written than is allowed.
    package var isExceeded: Bool { total > limit }

    /// Counts bytes.
    ///
    /// - Parameter count: how many were just read; a negative number counts as 0.
    package mutating func take(_ count: Int) -> Portion {
        let count = Int64(max(0, count))
        let room = max(0, limit - total)
        let wasExceeded = isExceeded
        let (sum, overflow) = total.addingReportingOverflow(count)
        total = overflow ? .max : sum
        let hit = LimitHit(name: .output, used: total, allowed: limit)
        let isNewlyExceeded = isExceeded && !wasExceeded
        var warning: LimitHit?
        if !hasWarned && total >= threshold && count > 0 {
            hasWarned = true
            if !isExceeded { warning = hit }
        }
        return Portion(
            forward: Int(min(count, room)), warning: warning, exceeded: isNewlyExceeded ? hit : nil)
    }
}
