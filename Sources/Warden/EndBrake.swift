internal import LinuxSystem

/// Says which sandboxes may be ended now: at most `lot` within any `window` (why: `EndLot`), and a `share` of urgent ones beside as
/// many that end by themselves. Pure: time comes in.
struct EndBrake<Element> {
    static var lot: Int { EndLot.size }
    static var window: Int64 { Int64(EndLot.milliseconds) * 1_000_000 }
    /// How many of a lot are kept for sandboxes that use up what they must not have.
    static var share: Int { 16 }

    /// When the last `lot` were ended; the oldest is at `next`.
    private var times = [Int64](repeating: -(1 << 62), count: lot)
    private var next = 0
    /// When the last urgent ones were ended, for whom there is always a share: however many end by themselves, a program that
    /// uses up what it must not have is not left running.
    private var urgentTimes = [Int64](repeating: -(1 << 62), count: share)
    private var nextUrgent = 0
    private var urgent: [Element] = []
    private var others: [Element] = []
    /// How many of a lot only urgent ones may have.
    private var reserve = share

    /// No sandbox is urgent any more: everything is to end.
    mutating func endEverything() { reserve = 0 }

    /// - Parameter isUrgent: goes first.
    mutating func add(_ element: Element, isUrgent: Bool) {
        if isUrgent { urgent.append(element) } else { others.append(element) }
    }

    /// One has ended by itself, which counts.
    mutating func note(at now: Int64) {
        times[next] = now
        next = (next + 1) % Self.lot
    }

    /// Those whose turn it is, in the order in which they were added.
    mutating func take(at now: Int64) -> [Element] {
        let free = times.count { now - $0 >= Self.window }
        let sure = urgentTimes.count { now - $0 >= Self.window }
        var taken = Array(urgent.prefix(max(free, sure)))
        urgent.removeFirst(taken.count)
        for _ in taken {
            urgentTimes[nextUrgent] = now
            nextUrgent = (nextUrgent + 1) % Self.share
        }
        let ordinary = others.prefix(max(0, free - taken.count - reserve))
        taken += ordinary
        others.removeFirst(ordinary.count)
        for _ in taken { note(at: now) }
        return taken
    }

    /// When it is the next one's turn; nil while none waits.
    var deadline: Int64? {
        if urgent.isEmpty, others.isEmpty { return nil }
        let times = times.sorted()
        if !urgent.isEmpty { return min(times[0], urgentTimes[nextUrgent]) + Self.window }
        return times[reserve] + Self.window
    }
}
