internal import ArgumentParser
internal import ConfigurationFiles
internal import EgressRules
internal import Policies
internal import RunModel
internal import SandboxSpec
internal import ServerSettings

struct PolicyShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a policy as it applies, with everything it extends.",
        discussion: """
            EXAMPLES
              nestbox policy show python
              nestbox policy show python --effective
              nestbox policy show python --json | jq .limits
            """)

    @OptionGroup var directories: PolicyDirectoryOptions

    @Argument(
        help: ArgumentHelp("The policy.", valueName: "name"), completion: .custom { _, _, _ in Completions.policies() })
    var name: String

    @Flag(help: "Print JSON: times in ms, sizes in bytes.")
    var json = false

    @Flag(help: "Print each value with the file and line it comes from.")
    var effective = false

    mutating func run() async throws {
        do throws(APIError) {
            let set = try Catalog.policies(directories.found)
            let policy = try Self.find(name, set)
            if effective, !json { return showOrigins(policy) }
            json ? try print(policy) : show(policy, replacing: set.replaced[policy.location.file])
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }

    private static func find(_ name: String, _ set: PolicySet) throws(APIError) -> Policy {
        do {
            return try set.policy(named: name)
        } catch {
            // Here the whole path helps, and every line.
            if let diagnostics = error.diagnostics {
                throw APIError(.invalidPolicy, diagnostics.description, details: ["policy": name])
            }
            throw APIError(.unknownPolicy, error.description, details: ["policy": name]).namingPlace
        }
    }

    private func showOrigins(_ policy: Policy) {
        Console.say("policy \(policy.name), digest \(policy.digest)")
        let rows = policy.values.map { value in
            [value.key, value.key == "syscalls" ? "\(policy.syscalls.count) allowed" : value.text, "\(value.source)"]
        }
        for line in Table.lines(rows) { Console.say(line) }
    }

    private func show(_ policy: Policy, replacing other: String?) {
        Console.say("name       \(policy.name)")
        if let description = policy.description { Console.say("about      \(description)") }
        Console.say("from       \(policy.location)")
        if let other { Console.say("replaces   \(other)") }
        if !policy.ancestors.isEmpty { Console.say("extends    \(policy.ancestors.joined(separator: ", "))") }
        Console.say("image      \(policy.image ?? "any")")
        let raised = policy.networkCeiling == policy.network ? "" : "  up to \(policy.networkCeiling.name)"
        Console.say("network    \(policy.network.name)\(raised)")
        for line in EgressText.lines(policy.networks) { Console.say("  " + line) }
        Console.say("warn at    \(policy.warnAt)%")
        Console.say(
            "pool       \(policy.pool.minimum) to \(policy.pool.maximum), warm: \(policy.pool.warm.rawValue)")
        Console.say("limits")
        for name in LimitName.allCases {
            let limit = LimitText.format(policy.limits[name], of: name)
            let ceiling = LimitText.format(policy.ceiling[name], of: name)
            let raised = limit == ceiling ? "" : "  up to \(ceiling)"
            Console.say("  \(Table.padded(name.rawValue, 11)) \(Table.padded(limit, 10))\(raised)")
        }
        Console.say("session")
        for name in SessionLimitName.allCases {
            let limit = Quantity.format(policy.session.limits[name], as: QuantityKind(name.unit))
            Console.say("  \(Table.padded(name.rawValue, 11)) \(limit)")
        }
        Console.say("  \(Table.padded("on_limit", 11)) \(policy.session.limits.onLimit.rawValue)")
        Console.say("  \(Table.padded("on_idle", 11)) \(policy.session.limits.onIdle.rawValue)")
        Console.say("  \(Table.padded("pool", 11)) \(policy.session.poolMinimum) to \(policy.session.poolMaximum)")
        Console.say("syscalls   \(policy.syscalls.count)")
        for line in Table.wrapped(policy.syscalls, width: 76) { Console.say("  " + line) }
    }

    private func print(_ policy: Policy) throws(APIError) {
        let shown = ShownPolicy(
            name: policy.name, description: policy.description, image: policy.image, extends: policy.ancestors,
            limits: LimitTable(policy.limits), ceiling: LimitTable(policy.ceiling), warnAtPercent: Int(policy.warnAt),
            network: policy.network.name, networkCeiling: policy.networkCeiling.name,
            egress: policy.networks.egress, egressCeiling: policy.networks.egressCeiling, syscalls: policy.syscalls,
            pool: ShownPolicy.Pool(
                min: policy.pool.minimum, max: policy.pool.maximum, warm: policy.pool.warm.rawValue),
            session: ShownPolicy.Session(policy.session))
        try Output.json(shown)
    }
}

private struct ShownPolicy: Encodable {
    struct Pool: Encodable {
        let min: Int
        let max: Int
        let warm: String
    }

    /// Times in ms, sizes in bytes.
    struct Session: Encodable {
        struct Cell: Encodable {
            let cpu: Double
            let wall: Double
            let output: Int
        }

        struct Pool: Encodable {
            let min: Int
            let max: Int
        }

        let idle: Double
        let life: Double
        let cpu: Double
        let cells: Int
        let history: Int
        let cell: Cell
        let onLimit: String
        let onIdle: String
        let pool: Pool

        init(_ settings: SessionSettings) {
            let limits = settings.limits
            func milliseconds(_ name: SessionLimitName) -> Double { Double(limits[name]) / 1e6 }
            idle = milliseconds(.idle)
            life = milliseconds(.life)
            cpu = milliseconds(.cpu)
            cells = limits.cells
            history = limits.historyBytes
            cell = Cell(
                cpu: milliseconds(.cellCPU), wall: milliseconds(.cellWall), output: limits.cell.outputBytes)
            onLimit = limits.onLimit.rawValue
            onIdle = limits.onIdle.rawValue
            pool = Pool(min: settings.poolMinimum, max: settings.poolMaximum)
        }

        private enum CodingKeys: String, CodingKey {
            case idle, life, cpu, cells, history, cell, pool
            case onLimit = "on_limit"
            case onIdle = "on_idle"
        }
    }

    let name: String
    let description: String?
    let image: String?
    let extends: [String]
    let limits: LimitTable
    let ceiling: LimitTable
    let warnAtPercent: Int
    let network: String
    let networkCeiling: String
    let egress: EgressGrant?
    let egressCeiling: EgressGrant?
    let syscalls: [String]
    let pool: Pool
    let session: Session

    private enum CodingKeys: String, CodingKey {
        case name, description, image, extends, limits, ceiling, network, egress, syscalls, pool, session
        case warnAtPercent = "warn_at_percent"
        case networkCeiling = "network_ceiling"
        case egressCeiling = "egress_ceiling"
    }
}
