/// Notices that the warden, or the whole machine, stood still, and holds the judgement back for a moment: what has happened
/// meanwhile is received first, so that no sandbox is ended for a time that had ended by itself. Pure: time comes in.
struct StallClock {
    /// Coming back this much after the moment that was waited for is no chance.
    static let lateness: Int64 = 1_000_000_000
    /// For every message that was sent meanwhile to be received.
    static let grace: Int64 = 250_000_000

    /// How often in a row that is done: a machine that is always late still has limits.
    static let maximumExcuses = 3

    private var until = Int64.min
    private var excuses = 0

    /// Whether clocks may be judged by now.
    ///
    /// - Parameter due: the moment that was waited for; nil for none.
    mutating func mayJudge(due: Int64?, at now: Int64) -> Bool {
        if now < until { return false }
        guard let due, now > due, now - due > Self.lateness, excuses < Self.maximumExcuses else {
            excuses = 0
            return true
        }
        excuses += 1
        until = now + Self.grace
        return false
    }

    /// The moment to wait for.
    func postponed(_ deadline: Int64?) -> Int64? {
        deadline.map { max($0, until) }
    }
}
