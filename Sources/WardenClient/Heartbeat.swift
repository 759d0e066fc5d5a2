/// Asks a warden how it is going, and notices one that stands still. Pure: time comes in.
///
/// Whatever the warden says is a sign of life; only one question is open at a time. Feeding it: read what has come, call
/// `heard` for it, then `tick`, and come back no later than `deadline`.
struct Heartbeat: Sendable {
    enum Action: Sendable, Equatable {
        case nothing
        /// Send the question.
        case ask
        /// It has not said anything for too long.
        case giveUp
    }

    typealias Instant = ContinuousClock.Instant

    /// Coming back this much too late means that this process stood still itself.
    private static let lateness = Duration.seconds(1)
    /// How often that is an excuse without an answer in between.
    private static let maximumExcuses = 3

    private let interval: Duration
    private let timeout: Duration
    private var askAt: Instant
    private var giveUpAt: Instant?
    private var excuses = 0

    /// - Parameters:
    ///   - interval: from one question to the next.
    ///   - timeout: from a question until the warden is given up.
    init(interval: Duration, timeout: Duration, startedAt now: Instant) {
        self.interval = interval
        self.timeout = timeout
        askAt = now + interval
    }

    /// The warden has said something.
    mutating func heard() {
        giveUpAt = nil
        excuses = 0
    }

    mutating func tick(at now: Instant) -> Action {
        if let deadline = giveUpAt {
            guard now >= deadline else { return .nothing }
            // The whole machine may have stood still, and the warden with it: it gets the whole timeout again.
            if deadline.duration(to: now) > Self.lateness, excuses < Self.maximumExcuses {
                excuses += 1
                giveUpAt = now + timeout
                return .nothing
            }
            return .giveUp
        }
        guard now >= askAt else { return .nothing }
        askAt = now + interval
        giveUpAt = now + timeout
        return .ask
    }

    /// When to come back.
    var deadline: Instant { giveUpAt ?? askAt }
}
