internal import RunModel

/// The tables that `nestbox top` shows, one at a time at a terminal.
enum TopView: String, CaseIterable {
    case runs, sessions, pools, recent, clients, tenants

    /// The column that a table is ordered by at first.
    var firstColumn: Int {
        switch self {
        case .runs: 5
        case .sessions: 7
        case .pools, .recent, .tenants: 0
        case .clients: 1
        }
    }

    func table(_ overview: AdminOverview) -> TopTable {
        switch self {
        case .runs: Self.runs(overview)
        case .sessions: Self.sessions(overview)
        case .pools: Self.pools(overview)
        case .recent: Self.recent(overview)
        case .clients: Self.clients(overview)
        case .tenants: Self.tenants(overview)
        }
    }

    private static func runs(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: ["RUN", "LANGUAGE", "POLICY", "STAGE", "AGE", "CPU", "MEMORY", "PROC", "OUTPUT", "OWNER", "FROM"],
            numeric: [4, 5, 6, 7, 8],
            rows: overview.runs.map { run in
                let usage = run.usage
                return TopTable.Row(
                    target: TopTarget(kind: .run, id: run.id),
                    cells: [
                        String(run.id.prefix(12)), plain(run.language), plain(run.policy), run.stage,
                        TopText.time(run.ageSeconds), usage.map { TopText.time($0.cpuMilliseconds / 1000) } ?? "-",
                        usage.map { Summary.bytes($0.memoryBytes) } ?? "-", usage.map { "\($0.processes)" } ?? "-",
                        Summary.bytes(run.outputBytes), plain(run.owner), plain(run.address ?? "-"),
                    ],
                    values: [
                        .text(run.id), .text(run.language), .text(run.policy), .text(run.stage),
                        .number(run.ageSeconds), .number(usage?.cpuMilliseconds ?? 0),
                        .number(Double(usage?.memoryBytes ?? 0)), .number(Double(usage?.processes ?? 0)),
                        .number(Double(run.outputBytes)), .text(run.owner), .text(run.address ?? ""),
                    ])
            })
    }

    private static func sessions(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: [
                "SESSION", "LANGUAGE", "POLICY", "STATE", "CELLS", "AGE", "IDLE", "CPU", "MEMORY", "OWNER", "FROM",
            ],
            numeric: [4, 5, 6, 7, 8],
            rows: overview.sessions.map { session in
                TopTable.Row(
                    target: TopTarget(kind: .session, id: session.id),
                    cells: [
                        String(session.id.prefix(12)), plain(session.language), plain(session.policy), session.state,
                        "\(session.cells)", TopText.time(session.ageSeconds), TopText.time(session.idleSeconds),
                        TopText.time(session.usage.cpuMilliseconds / 1000), Summary.bytes(session.usage.memoryBytes),
                        plain(session.owner), plain(session.address ?? "-"),
                    ],
                    values: [
                        .text(session.id), .text(session.language), .text(session.policy), .text(session.state),
                        .number(Double(session.cells)), .number(session.ageSeconds), .number(session.idleSeconds),
                        .number(session.usage.cpuMilliseconds), .number(Double(session.usage.memoryBytes)),
                        .text(session.owner), .text(session.address ?? ""),
                    ])
            })
    }

    private static func pools(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: [
                "IMAGE", "POLICY", "STEP", "WARM", "TARGET", "PARKED", "BUILDING", "LEASED", "READY", "BUILD",
                "LAST ERROR",
            ],
            numeric: [4, 5, 6, 7, 8, 9],
            rows: overview.pools.map { pool in
                let asked = pool.hits + pool.misses
                let ready = asked == 0 ? 0 : Double(pool.hits) / Double(asked)
                return TopTable.Row(
                    cells: [
                        plain(pool.image), plain(pool.policy), pool.step.rawValue, pool.warm.rawValue,
                        "\(pool.target)", "\(pool.parked)", "\(pool.building)", "\(pool.leased)",
                        asked == 0 ? "-" : TopText.percent(ready), "\(pool.buildMilliseconds) ms",
                        plain(pool.lastError ?? "-"),
                    ],
                    values: [
                        .text(pool.image), .text(pool.policy), .text(pool.step.rawValue), .text(pool.warm.rawValue),
                        .number(Double(pool.target)), .number(Double(pool.parked)), .number(Double(pool.building)),
                        .number(Double(pool.leased)), .number(ready), .number(pool.buildMilliseconds),
                        .text(pool.lastError ?? ""),
                    ])
            })
    }

    private static func recent(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: ["ENDED", "RUN", "LANGUAGE", "POLICY", "VERDICT", "TIME", "OWNER", "ERROR"], numeric: [5],
            rows: overview.recent.enumerated().map { index, outcome in
                TopTable.Row(
                    cells: [
                        TopText.clock(outcome.endedAt), String(outcome.id.prefix(12)), plain(outcome.language),
                        plain(outcome.policy), plain(outcome.verdict), TopText.time(outcome.wallSeconds),
                        plain(outcome.owner), plain(outcome.error ?? "-"),
                    ],
                    values: [
                        // The newest first.
                        .number(Double(index)), .text(outcome.id), .text(outcome.language), .text(outcome.policy),
                        .text(outcome.verdict), .number(outcome.wallSeconds), .text(outcome.owner),
                        .text(outcome.error ?? ""),
                    ])
            })
    }

    private static func clients(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: ["CLIENT", "RUNNING", "WAITING"], numeric: [1, 2],
            rows: overview.clients.map {
                TopTable.Row(
                    cells: [plain($0.client), "\($0.running)", "\($0.queued)"],
                    values: [.text($0.client), .number(Double($0.running)), .number(Double($0.queued))])
            })
    }

    private static func tenants(_ overview: AdminOverview) -> TopTable {
        TopTable(
            columns: ["TENANT", "WEIGHT", "RUNNING", "WAITING", "RUNS TODAY", "CPU TODAY", "BYTES TODAY"],
            numeric: [1, 2, 3, 4, 5, 6],
            rows: overview.tenants.map { tenant in
                TopTable.Row(
                    cells: [
                        plain(tenant.tenant), "\(tenant.weight)", "\(tenant.running)", "\(tenant.queued)",
                        "\(tenant.used.runs)", TopText.time(tenant.used.cpuMilliseconds / 1000),
                        Summary.bytes(tenant.used.bytes),
                    ],
                    values: [
                        .text(tenant.tenant), .number(Double(tenant.weight)), .number(Double(tenant.running)),
                        .number(Double(tenant.queued)), .number(Double(tenant.used.runs)),
                        .number(tenant.used.cpuMilliseconds), .number(Double(tenant.used.bytes)),
                    ])
            })
    }

    private static func plain(_ text: String) -> String { TopText.plain(text) }
}
