/// How long a run has been in each of its stages, in nanoseconds. A value: stages and times come in.
package struct RunStageTimes: Sendable, Equatable {
    /// What metrics and traces distinguish: `starting` of the deadlines is two of these.
    package enum Stage: String, Sendable, CaseIterable {
        /// It waits for a place.
        case queue
        /// It waits for a sandbox: one that is parked, or one that is made for it.
        case lease
        /// The sandbox gets its files, and its program is started.
        case start
        /// The program runs; files are collected.
        case run
        /// It has been told to end.
        case finish
        /// The last of its output is on the way to its readers.
        case stream
    }

    /// One stay in one stage, in nanoseconds of the same clock.
    package struct Stay: Sendable, Equatable {
        package let stage: Stage
        package let start: Int64
        package var end: Int64
    }

    /// More stays than any run has; what is beyond is in the sums alone.
    package static let maximumStays = 24

    /// The stays so far, in their order; the last one lasts.
    package private(set) var stays: [Stay]
    private var spent = [Int64](repeating: 0, count: Stage.allCases.count)
    private var isEntered = [Bool](repeating: false, count: Stage.allCases.count)
    private var stage = 0
    private var mark: Int64

    /// The run begins in `queue`.
    package init(now: Int64) {
        mark = now
        isEntered[0] = true
        stays = [Stay(stage: .queue, start: now, end: now)]
    }

    /// Nanoseconds; nil for a stage that the run was never in. Two steps, compile and run, count together.
    package subscript(_ stage: Stage) -> Int64? {
        let index = Self.index(stage)
        return isEntered[index] ? spent[index] : nil
    }

    /// The run is in another stage from now on.
    mutating func enter(_ next: RunDeadlines.Stage, now: Int64) {
        switch next {
        case .queued: move(to: .queue, now)
        case .starting: move(to: .lease, now)
        case .running: move(to: .run, now)
        case .finishing: move(to: .finish, now)
        case .draining: move(to: .stream, now)
        }
    }

    /// It has its sandbox.
    mutating func leased(now: Int64) {
        if stage == Self.index(.lease) { move(to: .start, now) }
    }

    /// The same, with the stage that still lasts counted up to this moment.
    func until(_ now: Int64) -> RunStageTimes {
        var times = self
        times.account(now)
        return times
    }

    private mutating func move(to next: Stage, _ now: Int64) {
        account(now)
        if Self.index(next) != stage, stays.count < Self.maximumStays {
            stays.append(Stay(stage: next, start: mark, end: mark))
        }
        stage = Self.index(next)
        isEntered[stage] = true
    }

    private mutating func account(_ now: Int64) {
        spent[stage] += max(now - mark, 0)
        mark = now
        if let last = stays.indices.last, Self.index(stays[last].stage) == stage {
            stays[last].end = max(stays[last].end, now)
        }
    }

    private static func index(_ stage: Stage) -> Int {
        switch stage {
        case .queue: 0
        case .lease: 1
        case .start: 2
        case .run: 3
        case .finish: 4
        case .stream: 5
        }
    }
}
