import LinuxSystem
import Reactor
import RunModel
import RunPlanning
import RunService
import SandboxSpec
import Synchronization
import Testing
import WorkspaceModel
import WorkspaceService

/// A service of workspaces whose clock a test moves.
final class Fixture: Sendable {
    struct Silence: WorkspaceObserver {
        func created(_ workspace: Workspace) {}
        func refused(_ error: APIError) {}
        func started(_ workspace: Workspace) {}
        func stopped(_ workspace: Workspace) {}
    }

    let source = ProcessSource()
    let service: WorkspaceService

    init(directory: String? = nil, workspaces: Int = 4, perOwner: Int = 2, known: Int = 3) throws {
        var settings = WorkspaceService.Settings(workspaces: workspaces, perOwner: perOwner, knownPerOwner: known)
        settings.notice = 60_000_000_000
        let store = try directory.map {
            try WorkspaceStore(directory: $0, bounds: .init(perOwner: known)) { Issue.record("\($0)") }
        }
        let now = Now()
        service = WorkspaceService(
            settings: settings, plan: { (request) throws(APIError) in try Self.plan(request) }, source: source,
            store: store, reactor: try Reactor(), observer: Silence(), now: { now.value },
            date: { now.value / 1_000_000 })
        self.now = now
    }

    /// Nanoseconds, which only a test moves.
    final class Now: Sendable {
        private let time = Mutex<Int64>(1_000_000_000_000)
        var value: Int64 { time.withLock { $0 } }
        func move(_ seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
    }

    let now: Now

    static func plan(_ request: WorkspaceRequest) throws(APIError) -> WorkspacePlan {
        var limits = WorkspaceLimits.usual
        limits.processes = 3
        limits.life = 3_600_000_000_000
        limits.idle = 600_000_000_000
        if let ttl = request.ttl {
            limits.life = try RunPlanner.workspaceTime(ttl, .life, within: .usual, field: "ttl")
        }
        let sandbox: Limits
        do {
            sandbox = try Limits.maximum.setting(.wall, to: 7_200_000_000_000)
        } catch {
            throw APIError(.internalError, "\(error)")
        }
        var spec = SandboxSpec(root: .host, limits: sandbox, warnAt: 80, network: .loopback, syscalls: [])
        spec.hasProcesses = true
        return WorkspacePlan(
            spec: spec, limits: limits, image: request.image, language: request.image, policy: "workspace")
    }

    func make(_ owner: String = "one", starts: Bool = true) async throws -> Workspace {
        try await service.create(WorkspaceRequest(image: "python"), owner: RunOwner(owner), starts: starts)
    }

    /// The names of all events so far.
    func events(_ workspace: Workspace) -> [String] {
        workspace.log.kept.entries.map { entry in
            if case .state(let state, _) = entry.event.kind { return state.rawValue }
            return entry.event.kind.name
        }
    }
}
