internal import APIFormat
internal import AuditLog
internal import FairQueue
internal import Glibc
internal import HTTPInterface
internal import Images
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec
internal import SandboxSupply
internal import ServiceMetrics
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// The state of the service at one moment.
struct OverviewRoutes: Sendable {
    let services: OperationsServices

    func overview(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        var reply = try Reply.json(current())
        reply.isLive = true
        return reply
    }

    func tenants(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        return try .json(["tenants": services.runs.tenantReports])
    }

    private func current() -> AdminOverview {
        let now = Timestamp.now()
        let health = services.reports.health()
        let pools = services.reports.pools()
        return AdminOverview(
            version: services.version, now: Timestamp.text(milliseconds: now),
            startedAt: Timestamp.text(milliseconds: services.startedAt),
            health: AdminOverview.Health(status: health.status, reasons: health.reasons),
            draining: services.runs.isDraining, load: load,
            runs: services.runs.liveRuns.prefix(AdminOverview.maximumRows).map(Self.run),
            clients: services.runs.clientLoads.prefix(AdminOverview.maximumRows).map {
                AdminOverview.Client(client: $0.client, running: $0.running, queued: $0.waiting)
            },
            pools: pools, tenants: Array(services.runs.tenantReports.prefix(AdminOverview.maximumRows)),
            sessions: services.sessions.livingSessions.prefix(AdminOverview.maximumRows).map { Self.session($0, now) },
            recent: services.recent.list, warden: warden, images: images(pools), host: Self.host, audit: audit,
            policies: services.reports.policies())
    }

    private var load: AdminOverview.Load {
        let (load, settings) = (services.runs.load, services.runs.settings)
        let sessions = services.sessions.vitals
        return AdminOverview.Load(
            running: load.running, queued: load.waiting, maxRunning: settings.admission.running,
            maxQueued: settings.admission.queued,
            oldestQueuedSeconds: services.runs.vitals.oldestQueued.map(Self.seconds), sessions: sessions.living,
            maxSessions: sessions.maximum, websockets: services.reports.websockets())
    }

    private static func run(_ run: RunService.LiveRun) -> AdminOverview.Run {
        let (record, identity) = (run.record, run.record.identity)
        return AdminOverview.Run(
            id: record.id.description, owner: identity.owner.description, address: identity.origin.address,
            language: identity.language, policy: identity.policy, stage: run.stage.rawValue,
            stageSeconds: seconds(run.stageTime), ageSeconds: seconds(run.age), outputBytes: record.outputBytes,
            usage: record.sample.map {
                AdminOverview.Usage(
                    cpuMilliseconds: $0.cpuMilliseconds, memoryBytes: $0.memoryBytes, processes: $0.processes)
            })
    }

    private static func session(_ session: Session, _ now: Int64) -> AdminOverview.Session {
        let summary = session.summary
        return AdminOverview.Session(
            id: session.id.description, owner: session.identity.owner.description,
            address: session.identity.origin.address, language: summary.language, policy: summary.policy,
            name: summary.name, state: summary.snapshot.state.rawValue, cells: summary.snapshot.executed,
            queued: summary.snapshot.queued, ageSeconds: Double(max(now - summary.createdAt, 0)) / 1000,
            idleSeconds: Double(max(now - summary.lastActiveAt, 0)) / 1000,
            usage: AdminOverview.Usage(
                cpuMilliseconds: summary.snapshot.usage.cpu.milliseconds, memoryBytes: summary.snapshot.usage.memory,
                processes: summary.snapshot.usage.processes))
    }

    private var warden: AdminOverview.Warden {
        let (isReady, status) = services.reports.warden()
        return AdminOverview.Warden(
            ready: isReady, pid: isReady ? status.pid : nil, restarts: status.restarts, lastError: status.lastError,
            sandboxes: status.counts?.sandboxes, parked: status.counts?.parked, running: status.counts?.running,
            quarantined: status.quarantined,
            silenceSeconds: status.countsAge.map {
                Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18
            })
    }

    private func images(_ pools: [PoolReport]) -> [AdminOverview.Image] {
        let catalog = services.runs.catalog
        let library = catalog.content.images
        let usable = library.images.map { image in
            var isBuilt = false
            // An image that is not built is no error here.
            do throws(ImageError) {
                _ = try catalog.store.resolve(image)
                isBuilt = true
            } catch {}
            return AdminOverview.Image(
                name: image.name, built: isBuilt,
                lastError: pools.first { $0.image == image.name && $0.lastError != nil }?.lastError)
        }
        let broken = library.broken.keys.map {
            AdminOverview.Image(name: $0, built: false, lastError: "disabled by errors in its file")
        }
        return (usable + broken).sorted { $0.name < $1.name }
    }

    private static var host: AdminOverview.Host {
        let memory = HostMemory.read()
        return AdminOverview.Host(
            processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), memoryBytes: memory.total,
            memoryAvailableBytes: memory.available,
            pressure: HostPressure.read().map {
                AdminOverview.Host.Pressure(
                    resource: $0.resource.rawValue, kind: $0.kind.rawValue, avg10: $0.averages[0],
                    avg60: $0.averages[1])
            })
    }

    private var audit: AdminOverview.Audit {
        let status = services.audit?.status
        return AdminOverview.Audit(
            enabled: services.audit != nil, seq: status?.head.number ?? 0, lastError: status?.lastError)
    }

    private static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds / 1_000_000) / 1000 }
}
