/// A tenant with its limits and what it has used today: what `GET /api/v1/usage` and `GET /api/v1/admin/tenants` answer.
package struct TenantReport: Sendable, Equatable, Codable {
    /// Nil where something is not bounded.
    package struct Limits: Sendable, Equatable, Codable {
        /// Requests in a minute.
        package var rate: Int?
        /// Runs at the same time.
        package var concurrent: Int?
        /// Runs that may wait.
        package var queued: Int?
        /// Live sessions.
        package var sessions: Int?
        /// In a day.
        package var runs: Int64?
        package var cpuMilliseconds: Double?
        package var bytes: Int64?

        package init(
            rate: Int?, concurrent: Int?, queued: Int?, sessions: Int?, runs: Int64?, cpuMilliseconds: Double?,
            bytes: Int64?
        ) {
            self.rate = rate
            self.concurrent = concurrent
            self.queued = queued
            self.sessions = sessions
            self.runs = runs
            self.cpuMilliseconds = cpuMilliseconds
            self.bytes = bytes
        }

        private enum CodingKeys: String, CodingKey {
            case rate, concurrent, queued, sessions, runs, bytes
            case cpuMilliseconds = "cpu_ms"
        }
    }

    /// Since the day began, in UTC.
    package struct Used: Sendable, Equatable, Codable {
        package var runs: Int64
        package var cpuMilliseconds: Double
        package var bytes: Int64

        package init(runs: Int64, cpuMilliseconds: Double, bytes: Int64) {
            self.runs = runs
            self.cpuMilliseconds = cpuMilliseconds
            self.bytes = bytes
        }

        private enum CodingKeys: String, CodingKey {
            case runs, bytes
            case cpuMilliseconds = "cpu_ms"
        }
    }

    package var tenant: String
    package var description: String?
    package var weight: Int
    /// Runs of it that run and wait now.
    package var running: Int
    package var queued: Int
    package var used: Used
    package var limits: Limits
    /// Nil for all.
    package var languages: [String]?
    package var policies: [String]?
    /// When counting begins again; RFC 3339, UTC.
    package var resetsAt: String

    package init(
        tenant: String, description: String?, weight: Int, running: Int, queued: Int, used: Used, limits: Limits,
        languages: [String]?, policies: [String]?, resetsAt: String
    ) {
        self.tenant = tenant
        self.description = description
        self.weight = weight
        self.running = running
        self.queued = queued
        self.used = used
        self.limits = limits
        self.languages = languages
        self.policies = policies
        self.resetsAt = resetsAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenant, description, weight, running, queued, used, limits, languages, policies
        case resetsAt = "resets_at"
    }
}
