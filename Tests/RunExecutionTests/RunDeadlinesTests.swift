import RunExecution
import Testing

@Suite("Deadlines of a run")
struct RunDeadlinesTests {
    private static let second: Int64 = 1_000_000_000

    private func bounds() -> RunDeadlines.Bounds {
        var bounds = RunDeadlines.Bounds()
        bounds.starting = 60 * Self.second
        bounds.grace = 20 * Self.second
        bounds.finishing = 15 * Self.second
        bounds.draining = 30 * Self.second
        bounds.force = 10 * Self.second
        return bounds
    }

    /// Everything that is due when a state never ends, with the second it is due at.
    private func timetable(_ stage: RunDeadlines.Stage, wall: Int64 = 0) -> [String] {
        var deadlines = RunDeadlines(bounds: bounds(), now: 0)
        deadlines.enter(stage, now: 0, wall: wall * Self.second)
        var table: [String] = []
        for time in 0..<1000 {
            while let action = deadlines.check(now: Int64(time) * Self.second) { table.append("\(time) \(action)") }
        }
        return table
    }

    @Test("every state that needs others to go on ends in force, and says so in steps")
    func timetables() {
        #expect(timetable(.starting) == ["60 giveUp(\(name(.starting)))", "70 abandon(\(name(.starting)))"])
        #expect(
            timetable(.running, wall: 30) == [
                "50 kill", "65 giveUp(\(name(.finishing)))", "75 abandon(\(name(.finishing)))",
            ])
        #expect(timetable(.finishing) == ["15 giveUp(\(name(.finishing)))", "25 abandon(\(name(.finishing)))"])
        #expect(timetable(.draining) == ["30 hurry", "40 abandon(\(name(.draining)))"])
        #expect(timetable(.queued) == [], "the queue has a deadline of its own")
    }

    private func name(_ stage: RunDeadlines.Stage) -> String { String(reflecting: stage) }

    @Test("a state that ends in time leaves nothing due")
    func newStateNewDeadlines() {
        var deadlines = RunDeadlines(bounds: bounds(), now: 0)
        deadlines.enter(.starting, now: 0)
        deadlines.enter(.running, now: 59 * Self.second, wall: 10 * Self.second)
        #expect(deadlines.check(now: 80 * Self.second) == nil)
        #expect(deadlines.check(now: 89 * Self.second) == .kill)
        deadlines.enter(.draining, now: 90 * Self.second)
        #expect(deadlines.check(now: 119 * Self.second) == nil)
    }

    @Test("a program that is heard to have started after it was told to end gets no new time")
    func endingIsNotUndone() {
        var deadlines = RunDeadlines(bounds: bounds(), now: 0)
        deadlines.enter(.finishing, now: 0)
        deadlines.enter(.running, now: Self.second, wall: 1000 * Self.second)
        #expect(deadlines.stage == .finishing)
        #expect(deadlines.check(now: 15 * Self.second) == .giveUp(.finishing))
    }
}
