package import AuditLog
package import Logging
package import RunModel
package import RunService
package import SandboxSupply
package import SessionService

/// The services that this API uses. Created once, by the composition of the service.
package struct OperationsServices: Sendable {
    /// What other parts of the service report. None of these waits.
    package struct Reports: Sendable {
        let health: @Sendable () -> (status: String, reasons: [String])
        let pools: @Sendable () -> [PoolReport]
        let warden: @Sendable () -> (isReady: Bool, status: WardenSupervisor.Status)
        let websockets: @Sendable () -> Int
        let policies: @Sendable () -> AdminOverview.Policies

        package init(
            health: @escaping @Sendable () -> (status: String, reasons: [String]),
            pools: @escaping @Sendable () -> [PoolReport],
            warden: @escaping @Sendable () -> (isReady: Bool, status: WardenSupervisor.Status),
            websockets: @escaping @Sendable () -> Int,
            policies: @escaping @Sendable () -> AdminOverview.Policies
        ) {
            self.health = health
            self.pools = pools
            self.warden = warden
            self.websockets = websockets
            self.policies = policies
        }
    }

    let runs: RunService
    let sessions: SessionService
    let recent: RecentOutcomes
    let reports: Reports
    /// Nil when there is none: then actions are carried out without a record.
    let audit: AuditWriter?
    let version: String
    let logger: Logger
    /// Milliseconds since 1970.
    let startedAt: Int64

    package init(
        runs: RunService, sessions: SessionService, recent: RecentOutcomes, reports: Reports, audit: AuditWriter?,
        version: String, logger: Logger
    ) {
        self.runs = runs
        self.sessions = sessions
        self.recent = recent
        self.reports = reports
        self.audit = audit
        self.version = version
        self.logger = logger
        startedAt = Timestamp.now()
    }
}
