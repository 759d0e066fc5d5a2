internal import Glibc

/// What a pool has learnt of its load: the bursts of the last minutes, and how busy each quarter of an hour was on the days before.
///
/// The smoothed rate of `Demand` forgets in seconds, so a class that submits together, or a morning that begins the same way each day, would
/// find an empty pool each time. Counts are of requests within one second. A value; times are nanoseconds of the caller's clock.
struct LoadShape: Sendable, Equatable {
    /// Requests within this time of the first one are one burst.
    static let window: Int64 = 1_000_000_000
    /// Nanoseconds after which a burst counts for a third of what it did.
    static let memory: Int64 = 300_000_000_000
    /// Parts of a day, each with what it saw.
    static let slots = 96
    private static let secondsPerSlot = 86_400 / slots
    /// How long before its time a part of the day is prepared for, in seconds.
    private static let lead = 60

    private var windowStart: Int64 = 0
    private var count = 0
    private var level = 0.0
    private var at: Int64 = 0
    /// The most of one second, by part of the day: of the last days, the recent ones most.
    private var days = [Double](repeating: 0, count: slots)
    private var slot: Int?
    /// The most of one second since this part of the day began.
    private var seen = 0

    mutating func arrive(at now: Int64) {
        if count == 0 || now - windowStart >= Self.window {
            windowStart = now
            count = 0
        }
        count += 1
        seen = max(seen, count)
        if Double(count) > faded(at: now) {
            level = Double(count)
            at = now
        }
    }

    /// Tells what time of the day it is; to be called every few seconds.
    ///
    /// - Parameter second: 0 to 86,399, of a day that begins at whatever hour.
    mutating func pass(second: Int) {
        let current = min(max(second, 0), 86_399) / Self.secondsPerSlot
        if let slot, slot != current {
            // A day that was busier counts in full, one that was quieter by half.
            days[slot] = max(Double(seen), (days[slot] + Double(seen)) / 2)
            seen = 0
        }
        slot = current
    }

    /// How many requests may come together: what bursts and days before have shown; 0 when that was one at a time.
    func expected(at now: Int64, second: Int) -> Int {
        let current = min(max(second, 0), 86_399)
        let soon = (current + Self.lead) % 86_400
        let usual = max(days[current / Self.secondsPerSlot], days[soon / Self.secondsPerSlot])
        let most = max(faded(at: now), usual)
        return most < 2 ? 0 : Int(min(most.rounded(), 1e6))
    }

    private func faded(at now: Int64) -> Double {
        level * exp(-Double(max(now - at, 0)) / Double(Self.memory))
    }
}
