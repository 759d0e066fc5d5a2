internal import LinuxSystem

/// Says which sandboxes may be ended now: at most `lot` within any `window` (why: `EndLot`), and a `share` of urgent ones beside as
/// many that end by themselves. One may count as several (`weight`, at most `share`). Pure: time comes in.
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
    private var urgent: [Waiting] = []
    private var others: [Waiting] = []
    /// How many of a lot only urgent ones may have.
    private var reserve = share

    private struct Waiting {
        let element: Element
        let weight: Int
    }

    /// No sandbox is urgent any more: everything is to end.
    mutating func endEverything() { reserve = 0 }

    /// - Parameter isUrgent: goes first.
    mutating func add(_ element: Element, isUrgent: Bool, weight: Int = 1) {
        let waiting = Waiting(element: element, weight: min(max(weight, 1), Self.share))
        if isUrgent { urgent.append(waiting) } else { others.append(waiting) }
    }

    /// One has ended by itself, which counts.
    mutating func note(at now: Int64, weight: Int = 1) {
        for _ in 0..<weight {
            times[next] = now
            next = (next + 1) % Self.lot
        }
    }

    /// Those whose turn it is, in the order in which they were added.
    mutating func take(at now: Int64) -> [Element] {
        var free = times.count { now - $0 >= Self.window }
        var sure = urgentTimes.count { now - $0 >= Self.window }
        var taken: [Waiting] = []
        while let first = urgent.first, first.weight <= max(free, sure) {
            taken.append(urgent.removeFirst())
            free -= first.weight
            sure -= first.weight
            for _ in 0..<first.weight {
                urgentTimes[nextUrgent] = now
                nextUrgent = (nextUrgent + 1) % Self.share
            }
        }
        while let first = others.first, first.weight <= free - reserve {
            taken.append(others.removeFirst())
            free -= first.weight
        }
        for waiting in taken { note(at: now, weight: waiting.weight) }
        return taken.map(\.element)
    }

    /// When it is the next one's turn; nil while none waits.
    var deadline: Int64? {
        guard let first = urgent.first ?? others.first else { return nil }
        let times = times.sorted()
        guard urgent.isEmpty else {
            return min(times[first.weight - 1], urgentTimes.sorted()[first.weight - 1]) + Self.window
        }
        return times[reserve + first.weight - 1] + Self.window
    }
}
