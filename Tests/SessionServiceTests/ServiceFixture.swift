import LinuxSystem
import Reactor
import RunModel
import RunPlanning
import RunService
import RunTestSupport
import SandboxSpec
import SessionExecution
import SessionModel
import SessionService
import Synchronization
import WardenProtocol

/// What an observer has heard.
final class Heard: SessionObserver {
    let state = Mutex<(created: Int, cells: [CellStatus], ends: [String], refused: [APIError.Code])>((0, [], [], []))

    func created(_ session: Session) { state.withLock { $0.created += 1 } }
    func refused(_ error: APIError) { state.withLock { $0.refused.append(error.code) } }
    func finished(_ status: CellStatus, after seconds: Double, in session: Session) {
        state.withLock { $0.cells.append(status) }
    }
    func ended(_ session: Session, _ end: SessionEnd) { state.withLock { $0.ends.append(end.verdict) } }
}

/// A service of scripted sandboxes.
struct ServiceFixture {
    static let ada = RunOwner("ada")
    static let bob = RunOwner("bob")

    let service: SessionService
    let heard = Heard()

    /// Each cell prints its code; `wait` waits for a kill, `fail` ends with an error, `files` gives it files.
    static let echo = ScriptedDriver.body { driver, id, code in
        if code == "wait" { return driver.program.waitForKill() }
        if code == "files" {
            // A folder of a quarter of a MiB, as far as archives know.
            let program = driver.program
            program.sandbox.onFiles { order, archive in
                guard case .pack = order else { return FilesResult() }
                program.write([UInt8](repeating: 1, count: 262_144), to: archive)
                return FilesResult(files: 1, bytes: 262_144)
            }
        }
        driver.print(code)
        if code == "fail" {
            driver.say(#"{"type":"error","id":"\#(id)","exception":"E","message":"m","traceback":[]}"#)
            return driver.done(id, "error")
        }
        driver.say(#"{"type":"result","id":"\#(id)","repr":"'\#(code)'"}"#)
        driver.done(id)
    }

    init(
        sessions: Int = 8, perOwner: Int = 4, store: SessionStore? = nil, limits: SessionLimits = .usual,
        change: (inout SessionService.Settings) -> Void = { _ in }
    ) throws {
        var settings = SessionService.Settings(sessions: sessions, sessionsPerOwner: perOwner, historyBytes: 1 << 20)
        change(&settings)
        let source = EndlessSource(Self.echo)
        let spec = SandboxSpec(
            root: .host, limits: try Limits { $0.range.lowerBound }, warnAt: 80, network: .none, syscalls: [],
            hasChannel: true)
        service = SessionService(
            settings: settings,
            plan: { (request) throws(APIError) in
                guard request.language == "test" else { throw APIError(.unknownLanguage, "no such language") }
                return SessionPlan(
                    spec: spec, job: Job(arguments: ["driver"], environment: []), limits: limits, image: "test",
                    language: "test", policy: "default")
            }, source: source, store: store, reactor: try Reactor(), observer: heard, now: { monotonicNow() })
    }

    func create(
        _ owner: RunOwner = ada, tags: [String] = [], onDisconnect: OnSessionDisconnect = .keep
    ) throws -> Session {
        try service.create(
            SessionRequest(language: "test", tags: tags), owner: owner, onDisconnect: onDisconnect)
    }
}
