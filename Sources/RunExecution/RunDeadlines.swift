/// How long each state of a run may last, and what is done when it lasts longer. A value: states and times come in, actions go
/// out.
///
/// The warden has deadlines of its own and is the first to act. These are for a warden that does not answer, and for readers
/// that hold a run up: whatever happens, a run ends and its place is free.
package struct RunDeadlines: Sendable {
    /// Where a run is.
    package enum Stage: String, Sendable, CaseIterable {
        /// It waits for a place.
        case queued
        /// Its sandbox is being made, or handed its files.
        case starting
        /// Its program runs; files are collected.
        case running
        /// It has been told to end.
        case finishing
        /// Its sandbox is gone; the last of its output is on the way to its readers.
        case draining
    }

    /// What is due.
    package enum Action: Sendable, Equatable {
        /// The sandbox is ended.
        case kill
        /// The sandbox is given up: the run waits neither for it nor for readers.
        case giveUp(Stage)
        /// Readers are not waited for any more.
        case hurry
        /// The run is ended by force, whatever its thread does.
        case abandon(Stage)
    }

    /// Nanoseconds.
    package struct Bounds: Sendable, Equatable {
        /// Until its program runs.
        package var starting: Int64 = 60_000_000_000
        /// Beyond the wall clock's limit, which the warden enforces; collecting files is part of it.
        package var grace: Int64 = 20_000_000_000
        /// From the kill to the end.
        package var finishing: Int64 = 20_000_000_000
        /// Until the readers that are waited for have taken what is left.
        package var draining: Int64 = 30_000_000_000
        /// From the last thing that could be done in order to the end by force.
        package var force: Int64 = 10_000_000_000

        package init() {}
    }

    private let bounds: Bounds
    package private(set) var stage = Stage.queued
    /// When the present stage began.
    package private(set) var since: Int64
    /// What comes if the stage lasts, with the moment; the next one first.
    private var due: [(at: Int64, action: Action)] = []

    package init(bounds: Bounds = Bounds(), now: Int64) {
        self.bounds = bounds
        since = now
    }

    /// The run is in another stage from now on.
    ///
    /// - Parameter wall: the limit of the wall clock, of a program that runs.
    package mutating func enter(_ stage: Stage, now: Int64, wall: Int64 = 0) {
        // Whoever was told to end is still told to: only the next step, or the end, changes that.
        if self.stage == .finishing, stage == .running { return }
        self.stage = stage
        since = now
        switch stage {
        case .queued: due = []
        case .starting:
            let end = now &+ bounds.starting
            due = [(end, .giveUp(.starting)), (end &+ bounds.force, .abandon(.starting))]
        case .running:
            let end = now &+ wall &+ bounds.grace
            due = [(end, .kill)] + Self.ending(from: end, bounds)
        case .finishing: due = Self.ending(from: now, bounds)
        case .draining:
            let end = now &+ bounds.draining
            due = [(end, .hurry), (end &+ bounds.force, .abandon(.draining))]
        }
    }

    private static func ending(from start: Int64, _ bounds: Bounds) -> [(at: Int64, action: Action)] {
        let end = start &+ bounds.finishing
        return [(end, .giveUp(.finishing)), (end &+ bounds.force, .abandon(.finishing))]
    }

    /// What is due by now and has not been said before, one thing at a time.
    package mutating func check(now: Int64) -> Action? {
        guard let next = due.first, now >= next.at else { return nil }
        due.removeFirst()
        return next.action
    }
}
