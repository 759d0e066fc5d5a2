import Foundation
import Images
import LinuxSystem
import Reactor
import RunModel
import RunPlanning
import RunService
import SandboxSpec
import SandboxSupply
import SessionExecution
import SessionModel
import SessionService
import WardenClient

/// A service of real sessions, with a warden of its own: what the daemon assembles, without its doors.
final class SessionHost: Sendable {
    /// Without root there are no sandboxes, and without the root of Python no sessions of it.
    static let canRun = isBuilt("python")

    /// Whether there can be sessions of this language here.
    static func isBuilt(_ language: String) -> Bool {
        guard geteuid() == 0, let planner = try? catalog().planner else { return false }
        return (try? planner.session(SessionRequest(language: language))) != nil
    }

    static let owner = RunOwner("tests")

    let connection: WardenConnection
    let service: SessionService

    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static var stateDirectory: String {
        ProcessInfo.processInfo.environment["NESTBOX_STATE"] ?? "/var/lib/nestbox"
    }

    static func catalog() throws -> RunCatalog {
        try RunCatalog(
            images: package + "/images", policies: package + "/policies", store: ImageStore(state: stateDirectory))
    }

    struct NoWarden: Error {}

    /// - Parameter isPrepared: interpreters are booted and forked, as those of a pool are.
    init(isPrepared: Bool = false, store: SessionStore? = nil) async throws {
        let catalog = try Self.catalog()
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let executable =
            ProcessInfo.processInfo.environment["NESTBOX_WARDEN"]
            ?? URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("nestbox-warden").path
        guard access(executable, X_OK) == 0 else { throw NoWarden() }
        connection = try await WardenConnection.launch(
            executable: executable, arguments: ["--image-root", catalog.store.rootsDirectory])
        service = SessionService(
            settings: SessionService.Settings(sessions: 16, sessionsPerOwner: 16, historyBytes: 4 << 20),
            plan: { (request) throws(APIError) in try catalog.planner.session(request) },
            source: UnpooledSandboxes(source: WardenSandboxes(connection: connection), isPrepared: isPrepared),
            store: store, reactor: try Reactor(),
            observer: Nobody(), now: { monotonicNow() })
    }

    private struct Nobody: SessionObserver {
        func created(_ session: Session) {}
        func refused(_ error: APIError) {}
        func finished(_ status: CellStatus, after seconds: Double, in session: Session) {}
        func ended(_ session: Session, _ end: SessionEnd) {}
    }

    /// A session that is ended, with its warden, when the body is over.
    static func withSession<Value>(
        _ language: String = "python", limits: [String: String] = [:], session wanted: [String: String] = [:],
        isPrepared: Bool = false,
        _ body: (Session, SessionHost) async throws -> Value
    ) async throws -> Value {
        let host = try await SessionHost(isPrepared: isPrepared)
        let session = try host.service.create(
            SessionRequest(language: language, limits: limits, session: wanted), owner: owner)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(session, host))
        } catch {
            result = .failure(error)
        }
        host.service.close()
        _ = await host.service.idle(within: .seconds(15))
        await host.connection.close()
        return try result.get()
    }
}

extension Session {
    /// Executes code, and gives what it printed beside its outcome.
    func run(_ code: String, _ change: (inout CellRequest) -> Void = { _ in }) async throws -> CellOutcome {
        var request = CellRequest(code: code)
        change(&request)
        return try await execute(request)
    }

    var kinds: [SessionEvent.Kind] { history.map(\.event.kind) }
}

extension CellOutcome {
    var text: String { outputs.map(\.text.lossyText).joined() }
    var repr: String? { result?.repr }
}
