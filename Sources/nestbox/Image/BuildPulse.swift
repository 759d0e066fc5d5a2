internal import Images

/// Which builds are under way, and when one of them was last heard of: a build may be silent for a minute while it goes on.
struct BuildPulse {
    /// Silence after which a line says that it goes on.
    static let silence = Duration.seconds(15)

    private var running: [Int: (name: String, since: ContinuousClock.Instant)] = [:]
    private var heard = ContinuousClock.now

    mutating func note(_ event: ImageStore.BuildEvent, _ job: BuildPlan.Job, _ number: Int) {
        switch event {
        case .progress: begin(number, job.names, now: .now)
        case .ended: end(number, now: .now)
        }
    }

    mutating func begin(_ number: Int, _ name: String, now: ContinuousClock.Instant) {
        heard = now
        if running[number] == nil { running[number] = (name, now) }
    }

    mutating func end(_ number: Int, now: ContinuousClock.Instant) {
        heard = now
        running[number] = nil
    }

    /// `still building: cpp (45 s), java (30 s)` after a silence; nil otherwise.
    mutating func line(now: ContinuousClock.Instant) -> String? {
        guard !running.isEmpty, heard.duration(to: now) >= Self.silence else { return nil }
        heard = now
        let builds = running.sorted { $0.key < $1.key }.map { _, build in
            "\(build.name) (\(build.since.duration(to: now).components.seconds) s)"
        }
        return "still building: " + builds.joined(separator: ", ")
    }
}
