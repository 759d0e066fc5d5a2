import FairQueue
import RunModel
import Testing

@testable import RunService

@Suite("Waiting runs")
struct WaitingRunsTests {
    private typealias Runs = WaitingRuns<String>

    private let id = RunID()

    /// What an action says, for comparison.
    private func text(_ action: Runs.Action?) -> String {
        switch action {
        case nil: "-"
        case .start(let entry)?: "start \(entry)"
        case .report(let entry, let place)?: "report \(entry) \(place.position)"
        case .end(let entry, let cause)?: "end \(entry) \(cause)"
        }
    }

    @Test("a run is started by its submitter when a place comes before it is accepted")
    func startsAfterAcceptance() {
        var runs = Runs()
        runs.add(id)
        #expect(text(runs.apply(.start(id))) == "-", "not accepted yet")
        #expect(runs.count == 1)
        #expect(text(runs.checkIn(id, "a")) == "start a")
        #expect(runs.count == 0)
        #expect(text(runs.checkIn(id, "a")) == "-", "the run has its thread")
    }

    @Test("a run that waits is started by whoever makes the place, once")
    func startsOnce() {
        var runs = Runs()
        runs.add(id)
        #expect(text(runs.checkIn(id, "a")) == "-")
        #expect(text(runs.apply(.start(id))) == "start a")
        #expect(text(runs.apply(.start(id))) == "-")
        #expect(!runs.end(id, .cancelled).isWaiting, "it has started: its control ends it")
    }

    @Test("one thread at a time reports the place of a run, and starts it if its place comes meanwhile")
    func reportsOneAtATime() {
        var runs = Runs()
        runs.add(id)
        #expect(text(runs.apply(.wait(id, QueuePlace(position: 3)))) == "-", "its submitter says so")
        _ = runs.checkIn(id, "a")
        #expect(text(runs.apply(.wait(id, QueuePlace(position: 2)))) == "report a 2")
        #expect(text(runs.apply(.wait(id, QueuePlace(position: 1)))) == "-", "it is being reported")
        #expect(text(runs.apply(.start(id))) == "-", "no start before the report is out")
        #expect(text(runs.checkIn(id, "b")) == "start b", "with the log as the reporter left it")
    }

    @Test("an end counts more than a start, and the first end counts", arguments: [false, true])
    func ends(checkedOut: Bool) {
        var runs = Runs()
        runs.add(id)
        if checkedOut {
            _ = runs.apply(.start(id))
            #expect(runs.end(id, .expired).isWaiting)
            #expect(text(runs.end(id, .cancelled).action) == "-")
            _ = runs.apply(.start(id))
            #expect(text(runs.checkIn(id, "a")) == "end a expired")
        } else {
            _ = runs.checkIn(id, "a")
            #expect(text(runs.end(id, .cancelled).action) == "end a cancelled")
        }
        #expect(runs.count == 0)
        #expect(!runs.end(id, .cancelled).isWaiting)
        #expect(text(runs.apply(.start(id))) == "-")
    }

    @Test("a run that could not be accepted is forgotten")
    func withdraws() {
        var runs = Runs()
        runs.add(id)
        runs.withdraw(id)
        #expect(runs.ids.isEmpty)
        #expect(text(runs.apply(.start(id))) == "-")
        #expect(text(runs.checkIn(id, "a")) == "-")
    }
}
