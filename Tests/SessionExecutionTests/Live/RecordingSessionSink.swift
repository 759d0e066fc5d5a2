import Reactor
import RunModel
import RunTestSupport
import SandboxPool
import SandboxSpec
import SandboxSupply
import SessionExecution
import SessionModel
import Synchronization

/// Keeps all events of a session, and the last snapshot.
final class RecordingSessionSink: SessionSink {
    private let state = Mutex<(events: [SessionEvent], snapshot: SessionSnapshot)>(([], SessionSnapshot()))

    func receive(_ event: SessionEvent) { state.withLock { $0.events.append(event) } }
    func changed(_ snapshot: SessionSnapshot) { state.withLock { $0.snapshot = snapshot } }

    func storeWanted() {}

    var events: [SessionEvent] { state.withLock { $0.events } }
    var kinds: [SessionEvent.Kind] { events.map(\.kind) }
    var names: [String] { kinds.map(\.name) }
    var snapshot: SessionSnapshot { state.withLock { $0.snapshot } }
    var end: SessionEnd? { if case .ended(let end)? = kinds.last { end } else { nil } }

    var output: String {
        let bytes = kinds.flatMap { if case .output(_, .stdout, let text, _) = $0 { text.bytes } else { [UInt8]() } }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of both streams.
    var allOutput: String {
        let bytes = kinds.flatMap { if case .output(_, _, let text, _) = $0 { text.bytes } else { [UInt8]() } }
        return String(decoding: bytes, as: UTF8.self)
    }

    func status(of id: String) -> CellStatus? {
        for case .executionFinished(id, let status, _, _, _) in kinds { return status }
        return nil
    }
}

extension LiveSession {
    /// A session of scripted sandboxes, on a reactor of its own unless one is given.
    static func scripted(
        _ source: any SandboxSource, _ sink: RecordingSessionSink, on reactor: Reactor? = nil,
        limits: SessionLimits = .usual, bounds: SessionEngine.Bounds = .patient, opening: SandboxOpening? = nil
    ) throws -> LiveSession {
        LiveSession(
            sandbox: SessionSandbox(
                spec: try scriptedSpec(), job: Job(arguments: ["driver"], environment: []), times: nil,
                opening: opening),
            limits: limits, created: .init(language: "test", policy: "default"), bounds: bounds, tokenStem: "",
            source: source,
            sink: sink,
            reactor: try reactor ?? Reactor(), date: 0)
    }

    static func scriptedSpec() throws -> SandboxSpec {
        SandboxSpec(
            root: .host, limits: try Limits { $0.range.lowerBound }, warnAt: 80, network: .none, syscalls: [],
            hasChannel: true)
    }
}

extension SessionEngine.Bounds {
    /// Beside hundreds of other tests a script may be late with the end that its driver's channel has announced.
    static let patient: Self = {
        var bounds = Self()
        bounds.channelLost = 30_000_000_000
        return bounds
    }()
}
