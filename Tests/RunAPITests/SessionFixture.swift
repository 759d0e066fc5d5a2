import HTTPInterface
import Logging
import Reactor
import RunModel
import RunPlanning
import SandboxSpec
import SandboxSupply
import ServiceMetrics
import SessionAPI
import SessionModel
import SessionService

/// The API of sessions without one: none can be made.
struct SessionFixture {
    private struct NoSandboxes: SandboxSource {
        func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
            throw APIError(.internalError, "there are no sandboxes here")
        }
    }

    private struct Silence: SessionObserver {
        func created(_ session: Session) {}
        func refused(_ error: APIError) {}
        func finished(_ status: CellStatus, after seconds: Double, in session: Session) {}
        func ended(_ session: Session, _ end: SessionEnd) {}
    }

    let services: SessionAPIServices

    init() throws {
        let sessions = SessionService(
            settings: SessionService.Settings(sessions: 1, sessionsPerOwner: 1, historyBytes: 65_536),
            plan: { (_) throws(APIError) in throw APIError(.notSupported, "no language has sessions here") },
            source: NoSandboxes(), reactor: try Reactor(), observer: Silence(), now: { 0 })
        let registry = MetricsRegistry()
        services = SessionAPIServices(
            sessions: sessions, metrics: try SessionAPIMetrics(registry: registry),
            httpMetrics: try HTTPMetrics(registry: registry),
            state: SessionAPIServices.ServiceState(isFailing: { false }, parked: { 0 }),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
