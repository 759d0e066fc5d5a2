/// The state of a service as administrators see it: what `GET /api/v1/admin/overview` answers, and `nestbox top` and the page
/// `/admin` show. Times are seconds unless a name says otherwise.
package struct AdminOverview: Sendable, Equatable, Codable {
    /// The most runs, sessions and outcomes that an overview lists.
    package static let maximumRows = 500

    package var version: String
    /// RFC 3339, in UTC.
    package var now: String
    package var startedAt: String
    package var health: Health
    /// Whether the service accepts no more runs and sessions.
    package var draining: Bool
    package var load: Load
    /// Live runs, the longest first.
    package var runs: [Run]
    /// Who has places and who waits.
    package var clients: [Client]
    package var pools: [PoolReport]
    /// All tenants, by name.
    package var tenants: [TenantReport]
    /// Live sessions, the oldest first.
    package var sessions: [Session]
    /// Recent outcomes of runs, the newest first.
    package var recent: [Outcome]
    package var warden: Warden
    package var images: [Image]
    package var host: Host
    package var audit: Audit
    package var policies: Policies

    package init(
        version: String, now: String, startedAt: String, health: Health, draining: Bool, load: Load, runs: [Run],
        clients: [Client], pools: [PoolReport], tenants: [TenantReport] = [], sessions: [Session], recent: [Outcome],
        warden: Warden,
        images: [Image], host: Host, audit: Audit, policies: Policies
    ) {
        self.version = version
        self.now = now
        self.startedAt = startedAt
        self.health = health
        self.draining = draining
        self.load = load
        self.runs = runs
        self.clients = clients
        self.pools = pools
        self.tenants = tenants
        self.sessions = sessions
        self.recent = recent
        self.warden = warden
        self.images = images
        self.host = host
        self.audit = audit
        self.policies = policies
    }

    private enum CodingKeys: String, CodingKey {
        case version, now, health, draining, load, runs, clients, pools, tenants, sessions, recent, warden, images,
            host, audit
        case policies
        case startedAt = "started_at"
    }
}

extension AdminOverview {
    package struct Health: Sendable, Equatable, Codable {
        /// `ok`, `degraded` or `failing`.
        package var status: String
        package var reasons: [String]

        package init(status: String, reasons: [String]) {
            self.status = status
            self.reasons = reasons
        }
    }

    package struct Load: Sendable, Equatable, Codable {
        package var running: Int
        package var queued: Int
        package var maxRunning: Int
        package var maxQueued: Int
        package var oldestQueuedSeconds: Double?
        package var sessions: Int
        package var maxSessions: Int
        package var websockets: Int

        package init(
            running: Int, queued: Int, maxRunning: Int, maxQueued: Int, oldestQueuedSeconds: Double?, sessions: Int,
            maxSessions: Int, websockets: Int
        ) {
            self.running = running
            self.queued = queued
            self.maxRunning = maxRunning
            self.maxQueued = maxQueued
            self.oldestQueuedSeconds = oldestQueuedSeconds
            self.sessions = sessions
            self.maxSessions = maxSessions
            self.websockets = websockets
        }

        private enum CodingKeys: String, CodingKey {
            case running, queued, sessions, websockets
            case maxRunning = "max_running"
            case maxQueued = "max_queued"
            case oldestQueuedSeconds = "oldest_queued_seconds"
            case maxSessions = "max_sessions"
        }
    }

    package struct Run: Sendable, Equatable, Codable {
        package var id: String
        package var owner: String
        package var address: String?
        package var language: String
        package var policy: String
        /// `queued`, `starting`, `running`, `finishing`, `draining`.
        package var stage: String
        package var stageSeconds: Double
        package var ageSeconds: Double
        package var outputBytes: Int64
        /// What it was last seen to use; nil before the first sample.
        package var usage: Usage?

        package init(
            id: String, owner: String, address: String?, language: String, policy: String, stage: String,
            stageSeconds: Double, ageSeconds: Double, outputBytes: Int64, usage: Usage?
        ) {
            self.id = id
            self.owner = owner
            self.address = address
            self.language = language
            self.policy = policy
            self.stage = stage
            self.stageSeconds = stageSeconds
            self.ageSeconds = ageSeconds
            self.outputBytes = outputBytes
            self.usage = usage
        }

        private enum CodingKeys: String, CodingKey {
            case owner, address, language, policy, stage, usage
            case id = "run_id"
            case stageSeconds = "stage_seconds"
            case ageSeconds = "age_seconds"
            case outputBytes = "output_bytes"
        }
    }

    /// What a sandbox uses at one moment; the processor time is all of it so far.
    package struct Usage: Sendable, Equatable, Codable {
        package var cpuMilliseconds: Double
        package var memoryBytes: Int64
        package var processes: Int64

        package init(cpuMilliseconds: Double, memoryBytes: Int64, processes: Int64) {
            self.cpuMilliseconds = cpuMilliseconds
            self.memoryBytes = memoryBytes
            self.processes = processes
        }

        private enum CodingKeys: String, CodingKey {
            case processes
            case cpuMilliseconds = "cpu_ms"
            case memoryBytes = "memory_bytes"
        }
    }

    /// A key or, without keys, an address.
    package struct Client: Sendable, Equatable, Codable {
        package var client: String
        package var running: Int
        package var queued: Int

        package init(client: String, running: Int, queued: Int) {
            self.client = client
            self.running = running
            self.queued = queued
        }
    }

    package struct Session: Sendable, Equatable, Codable {
        package var id: String
        package var owner: String
        package var address: String?
        package var language: String
        package var policy: String
        package var name: String?
        package var state: String
        package var cells: Int
        package var queued: Int
        package var ageSeconds: Double
        package var idleSeconds: Double
        package var usage: Usage

        package init(
            id: String, owner: String, address: String?, language: String, policy: String, name: String?, state: String,
            cells: Int, queued: Int, ageSeconds: Double, idleSeconds: Double, usage: Usage
        ) {
            self.id = id
            self.owner = owner
            self.address = address
            self.language = language
            self.policy = policy
            self.name = name
            self.state = state
            self.cells = cells
            self.queued = queued
            self.ageSeconds = ageSeconds
            self.idleSeconds = idleSeconds
            self.usage = usage
        }

        private enum CodingKeys: String, CodingKey {
            case owner, address, language, policy, name, state, cells, queued, usage
            case id = "session_id"
            case ageSeconds = "age_seconds"
            case idleSeconds = "idle_seconds"
        }
    }

    package struct Outcome: Sendable, Equatable, Codable {
        package var id: String
        /// RFC 3339, in UTC.
        package var endedAt: String
        package var owner: String
        package var language: String
        package var policy: String
        package var verdict: String
        package var wallSeconds: Double
        /// The code of its error, where there is one.
        package var error: String?

        package init(
            id: String, endedAt: String, owner: String, language: String, policy: String, verdict: String,
            wallSeconds: Double, error: String?
        ) {
            self.id = id
            self.endedAt = endedAt
            self.owner = owner
            self.language = language
            self.policy = policy
            self.verdict = verdict
            self.wallSeconds = wallSeconds
            self.error = error
        }

        private enum CodingKeys: String, CodingKey {
            case owner, language, policy, verdict, error
            case id = "run_id"
            case endedAt = "ended_at"
            case wallSeconds = "wall_seconds"
        }
    }
}
