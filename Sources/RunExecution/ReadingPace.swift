/// Has a program that writes many small pieces read less often: each is an event otherwise, and wakes two processes up. A program that
/// takes its time is read immediately.
struct ReadingPace {
    /// How many small reads, each within `haste` nanoseconds of the one before, make a rush.
    static let rush = 8
    static let haste: Int64 = 200_000
    /// Nanoseconds between reads in a rush: too short to be noticed.
    static let pause: Int64 = 1_000_000
    /// Less than this in a pause is no rush.
    static let little = 256
    /// What is more fills a pipe, whose writer would wait.
    static let small = 16_384

    private var readAt = Int64.min / 2
    private var count = 0

    /// Notes that so many bytes have been read.
    mutating func read(_ bytes: Int, _ now: Int64) {
        if bytes > Self.small {
            count = 0
        } else if count < Self.rush {
            count = now - readAt < Self.haste ? count + 1 : 0
        } else if bytes < Self.little {
            count = 0
        }
        readAt = now
    }

    /// When to read next; nil for immediately.
    func due(_ now: Int64) -> Int64? {
        count >= Self.rush && now < readAt + Self.pause ? readAt + Self.pause : nil
    }

    func isDue(_ now: Int64) -> Bool { due(now) == nil }
}
