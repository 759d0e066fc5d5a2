import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import WardenProtocol

import enum SandboxSpec.ExitStatus

let second: Int64 = 1_000_000_000

extension SessionLimits {
    static let small = SessionLimits(
        idle: 600 * second, life: 3600 * second, cpu: 100 * second, cells: 1000, historyBytes: 1 << 20,
        cell: CellLimits(cpu: 10 * second, wall: 60 * second, outputBytes: 1000), onLimit: .interrupt)
}

/// An engine with its clock, and all that it has done so far.
struct EngineFixture {
    var engine: SessionEngine
    var now: Int64 = 1000 * second
    /// What all orders about files end with; nil leaves them to the test.
    var files: FilesResult? = FilesResult()
    private(set) var events: [SessionEvent] = []
    private(set) var actions: [SessionEngine.Action] = []

    static let features = ["complete", "inspect", "is_complete", "variables", "checkpoint", "interrupt"]

    init(
        _ limits: SessionLimits = .small, bounds: SessionEngine.Bounds = .init(), resumption: SessionResumption? = nil
    ) {
        engine = SessionEngine(
            limits: limits, created: .init(language: "python", policy: "default"), bounds: bounds,
            resumption: resumption, now: now, date: 5)
        take()
    }

    /// A session that is idle.
    static func ready(
        _ limits: SessionLimits = .small, bounds: SessionEngine.Bounds = .init(), features: [String] = features
    ) -> EngineFixture {
        var fixture = EngineFixture(limits, bounds: bounds)
        fixture.say(.ready(.init(language: "python", version: "3", features: Set(features))))
        return fixture
    }

    var state: SessionState { engine.state }
    var kinds: [SessionEvent.Kind] { events.map(\.kind) }
    var names: [String] { kinds.map(\.name) }

    /// What happened since the last call: names of events, and other actions.
    private var seenEvents = 0
    private var seenActions = 0
    mutating func newKinds() -> [SessionEvent.Kind] {
        defer { seenEvents = events.count }
        return events[seenEvents...].map(\.kind)
    }
    mutating func newActions() -> [SessionEngine.Action] {
        defer { seenActions = actions.count }
        return Array(actions[seenActions...])
    }

    mutating func take() {
        var new = engine.takeActions()
        while !new.isEmpty {
            for action in new {
                if case .emit(let event) = action { events.append(event) } else { actions.append(action) }
                guard let files else { continue }
                switch action {
                case .pack(let id, _), .unpack(let id, _, _), .tidy(let id, _):
                    engine.filesDone(files, of: id, now: now)
                default: break
                }
            }
            new = engine.takeActions()
        }
    }

    mutating func say(_ record: DriverRecord) {
        engine.record(record, now: now)
        take()
    }

    mutating func submit(_ code: String = "1", _ change: (inout CellRequest) -> Void = { _ in }) throws -> String {
        var request = CellRequest(code: code)
        change(&request)
        defer { take() }
        return try engine.submit(request, now: now)
    }

    /// The driver is done, and its outputs are empty.
    mutating func done(_ id: String, _ status: DriverRecord.DoneStatus = .ok) {
        say(.done(id: id, status))
        engine.drained(now: now)
        take()
    }

    mutating func pass(_ nanoseconds: Int64) {
        now += nanoseconds
        engine.tick(now: now)
        take()
    }

    mutating func change(_ body: (inout SessionEngine, Int64) throws -> Void) rethrows {
        defer { take() }
        try body(&engine, now)
    }

    mutating func finish(_ verdict: Verdict, _ status: ExitStatus? = nil, limit: LimitHit? = nil) {
        engine.finished(
            SandboxOutcome(verdict: verdict, status: status, limit: limit, usage: Usage()), isLoss: false, now: now)
        take()
    }

    /// Whether there was something to interrupt.
    mutating func interrupt() throws -> Bool {
        defer { take() }
        return try engine.interrupt(now: now)
    }

    var end: SessionEnd? { if case .ended(let end)? = kinds.last { end } else { nil } }

    /// How this cell ended.
    func status(of id: String) -> CellStatus? {
        for case .executionFinished(id, let status, _, _, _) in kinds { return status }
        return nil
    }
}
