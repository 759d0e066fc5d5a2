import RunModel
import Testing

@testable import nestbox

@Suite("nestbox top")
struct TopTests {
    private static func run(_ id: String, cpu: Double, age: Double = 5, owner: String = "anyone") -> AdminOverview.Run {
        AdminOverview.Run(
            id: id, owner: owner, address: "127.0.0.1", language: "bash", policy: "default", stage: "running",
            stageSeconds: 1, ageSeconds: age, outputBytes: 2048,
            usage: AdminOverview.Usage(cpuMilliseconds: cpu, memoryBytes: 1 << 20, processes: 2))
    }

    private static func overview(_ runs: [AdminOverview.Run]) -> AdminOverview {
        AdminOverview(
            version: "1.2", now: "2026-12-01T10:20:30.000Z", startedAt: "2026-12-01T10:00:00.000Z",
            health: AdminOverview.Health(status: "degraded", reasons: ["audit: \u{1b}[2Jfull"]), draining: false,
            load: AdminOverview.Load(
                running: 2, queued: 1, maxRunning: 4, maxQueued: 8, oldestQueuedSeconds: 61, sessions: 0,
                maxSessions: 32, websockets: 0), runs: runs,
            clients: [AdminOverview.Client(client: "127.0.0.1", running: 2, queued: 1)], pools: [], sessions: [],
            recent: [],
            warden: AdminOverview.Warden(
                ready: true, pid: 7, restarts: 0, lastError: nil, sandboxes: 9, parked: 6, running: 2, quarantined: 1,
                silenceSeconds: 0.1), images: [],
            host: AdminOverview.Host(
                processors: 2, memoryBytes: 4e9, memoryAvailableBytes: 1e9,
                pressure: [.init(resource: "cpu", kind: "some", avg10: 42, avg60: 1)]),
            audit: AdminOverview.Audit(enabled: true, seq: 12, lastError: nil),
            policies: AdminOverview.Policies(
                state: "warming", generation: 12, digest: "d", loadedAt: "2026-12-01T10:00:00.000Z",
                lastOutcome: "refused", lastAt: "2026-12-01T10:10:00.000Z",
                errors: ["policies/a.yaml:3: \u{1b}[2Jwrong", "more"]))
    }

    private static func state(_ runs: [AdminOverview.Run]) -> TopState {
        var state = TopState(view: .runs)
        state.update(overview(runs))
        return state
    }

    @Test("runs are ordered by their processor time first; s and S choose other columns")
    func sorting() {
        var state = Self.state([
            Self.run("a", cpu: 10, age: 9), Self.run("b", cpu: 300, age: 1), Self.run("c", cpu: 20, age: 5),
        ])
        func order() -> [String] { (state.table?.rows ?? []).map { $0.cells[0] } }
        #expect(order() == ["b", "c", "a"])
        #expect(state.press(.character("S")) == .redraw)
        #expect(order() == ["a", "c", "b"], "by age")
        for _ in 0..<7 { _ = state.press(.character("s")) }
        #expect(state.column == 0 && order() == ["a", "b", "c"], "around the end")
    }

    @Test("the selected run stays selected when the order changes, and ends only after y")
    func ending() {
        var state = Self.state([Self.run("a", cpu: 10), Self.run("b", cpu: 300)])
        #expect(state.press(.down) == .redraw && state.selected == 1)
        state.update(Self.overview([Self.run("a", cpu: 900), Self.run("b", cpu: 300)]))
        #expect(state.selected == 0)
        let target = TopTarget(kind: .run, id: "a")
        #expect(state.press(.character("k")) == .redraw && state.question == target)
        #expect(state.press(.nothing) == .redraw && state.question == target)
        #expect(state.press(.character("n")) == .redraw && state.question == nil)
        _ = state.press(.character("k"))
        #expect(state.press(.character("y")) == .end(target))
        // It is gone: the next one is selected, and none when there is none.
        state.update(Self.overview([]))
        #expect(state.press(.character("k")) == .redraw && state.question == nil)
    }

    @Test("keys choose tables, pause and quit; others do nothing")
    func keys() {
        var state = Self.state([Self.run("a", cpu: 1)])
        #expect(state.press(.character("3")) == .redraw && state.view == .pools)
        #expect(state.press(.left) == .redraw && state.view == .sessions)
        for _ in 0..<5 { _ = state.press(.tab) }
        #expect(state.view == .runs)
        #expect(state.press(.character(" ")) == .redraw && state.isPaused)
        #expect(
            state.press(.nothing) == .none && state.press(.unknown) == .none && state.press(.character("9")) == .none)
        for key: KeyReader.Key in [.character("q"), .control("C"), .endOfInput] {
            #expect(state.press(key) == .quit)
        }
    }

    @Test(
        "a screen has as many lines as the terminal, none is too wide, and no text of others moves the cursor",
        arguments: [(24, 80), (10, 40), (5, 20), (2, 10), (60, 200)])
    func frame(rows: Int, columns: Int) {
        let runs = (0..<40).map { Self.run("run\($0)", cpu: Double($0), owner: "key\u{1b}[31m\u{202e}\n") }
        var state = Self.state(runs)
        _ = state.press(.end)
        let screen = TopScreen(server: "http://127.0.0.1:8080", rows: rows, columns: columns)
        let lines = screen.frame(state, Self.overview(runs), problem: "a\u{7}b")
        #expect(lines.count == rows)
        for line in lines {
            let bare = line.replacing(/\u{1b}\[[017]?m/, with: "")
            #expect(bare.count <= columns, "\(bare)")
            #expect(!bare.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
        if rows >= 24 {
            // The last row is selected, so it is there.
            #expect(lines.contains { $0.contains("\u{1b}[7m") && $0.contains("run0") })
            #expect(lines.contains { $0.contains("a?b") })
            #expect(lines.first?.contains("degraded") == true)
        }
    }

    @Test(
        "times, parts and bars are short and never trap",
        arguments: [
            (0.04, "0.0 s"), (9.96, "10.0 s"), (59.4, "59 s"), (185, "3m05s"), (7620, "2h07m"), (-1, "-"), (.nan, "-"),
            (.infinity, "-"),
        ] as [(Double, String)])
    func times(seconds: Double, text: String) {
        #expect(TopText.time(seconds) == text)
        #expect(TopText.bar(seconds, width: 10).count == 10)
    }

    @Test("without a terminal it is printed once; what cannot be is said")
    func once() throws {
        for (arguments, word) in [
            (["--interval", "0"], "0.2 to 60"), (["--view", "x"], "runs, sessions"), (["--sort", "colour"], "cpu"),
            (["--server", "http://127.0.0.1:1"], "127.0.0.1"),
        ] {
            let result = try NestboxExecutable.run(["top"] + arguments)
            #expect(result.status == 125 && result.stderr.contains(word), "\(result)")
        }
    }
}
