internal import RunModel
internal import RunService
internal import SandboxSupply

/// The observable state of the service: the same for load balancers, people and metrics.
struct HealthReport: Encodable {
    enum Status: String, Encodable {
        case ok
        /// Runs work, but another check has failed.
        case degraded
        /// Runs do not work, or the service does not accept them.
        case failing
    }

    /// Nanoseconds without a check of the runs (normally several per second) after which the process counts as hanging.
    private static let unwatched: Int64 = 10_000_000_000
    private static let hung: Int64 = 30_000_000_000

    let status: Status
    let checks: [String: String]
    private let vitals: RunService.Vitals
    private let quarantined: Int

    /// - Parameter conditions: what else is checked, and what is wrong with it; none of these keeps runs from working.
    init(
        _ runs: RunService, warden: (isReady: Bool, status: WardenSupervisor.Status),
        conditions: [(name: String, problem: String?)] = []
    ) {
        self.init(runs.vitals, isStopping: runs.isClosed, warden: warden, conditions: conditions)
    }

    init(
        _ vitals: RunService.Vitals, isStopping: Bool, warden: (isReady: Bool, status: WardenSupervisor.Status),
        conditions: [(name: String, problem: String?)] = []
    ) {
        self.vitals = vitals
        quarantined = warden.status.quarantined
        var checks = ["warden": "ok", "admission": "ok", "runs": "ok", "starting": "ok", "watch": "ok"]
        if !warden.isReady { checks["warden"] = warden.status.lastError ?? "not running" }
        if isStopping { checks["admission"] = "stopping" }
        if let lastError = vitals.lastError { checks["runs"] = lastError }
        if vitals.isStartOverdue {
            checks["starting"] = "a sandbox has been starting for \((vitals.oldestStarting ?? 0) / 1_000_000_000) s"
        }
        if vitals.unwatched >= Self.unwatched {
            checks["watch"] = "the runs have not been checked for \(vitals.unwatched / 1_000_000_000) s"
        }
        let isWell = checks.values.allSatisfy { $0 == "ok" }
        checks["sandboxes"] = quarantined == 0 ? "ok" : "\(quarantined) had to end and have not"
        for (name, problem) in conditions { checks[name] = problem ?? "ok" }
        self.checks = checks
        status = !isWell ? .failing : checks.values.allSatisfy { $0 == "ok" } ? .ok : .degraded
    }

    var isFailing: Bool { status == .failing }

    /// One line for each check that failed.
    var reasons: [String] {
        checks.sorted { $0.key < $1.key }.filter { $0.value != "ok" }.map { "\($0.key): \($0.value)" }
    }

    /// Whether only a restart will help.
    var isHopeless: Bool { vitals.isHopeless || vitals.unwatched >= Self.hung }

    private enum Key: String, CodingKey {
        case status, checks, reasons
        case oldestQueued = "oldest_queued_seconds"
        case oldestStarting = "oldest_starting_seconds"
        case worked = "seconds_since_success"
        case givenUp = "runs_given_up"
        case quarantined = "sandboxes_quarantined"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(status, forKey: .status)
        try container.encode(checks, forKey: .checks)
        try container.encode(reasons, forKey: .reasons)
        func rounded(_ nanoseconds: Int64?) -> Double? { nanoseconds.map { Double($0 / 1_000_000) / 1000 } }
        try container.encode(rounded(vitals.oldestQueued), forKey: .oldestQueued)
        try container.encode(rounded(vitals.oldestStarting), forKey: .oldestStarting)
        try container.encode(rounded(vitals.worked), forKey: .worked)
        try container.encode(vitals.givenUp, forKey: .givenUp)
        try container.encode(quarantined, forKey: .quarantined)
    }
}
