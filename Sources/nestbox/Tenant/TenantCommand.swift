internal import ArgumentParser
internal import RunModel
internal import RunPlanning
internal import ServerSettings
internal import Tenants

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Look at tenants, and find errors in their files.",
        discussion: """
            Tenants are files in the directory tenants beside the policies: /etc/nestbox/tenants/NAME.yaml. A service takes \
            changes over by itself; GET /api/v1/usage shows a tenant what it has used.
            """,
        subcommands: [TenantListCommand.self, TenantShowCommand.self, TenantCheckCommand.self])

    /// All tenants.
    ///
    /// - Throws: `CommandFailure` with every error of every file.
    static func load(_ directories: DirectorySettings, asJSON: Bool = false) throws -> TenantSet {
        do throws(APIError) {
            return try RunCatalog.tenants(
                besides: directories.policies, try RunCatalog.images(in: directories.images),
                try RunCatalog.policies(in: directories.policies))
        } catch {
            throw CommandFailure(error, asJSON: asJSON)
        }
    }
}

struct TenantListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the tenants.")

    @OptionGroup var directories: PolicyDirectoryOptions

    mutating func run() async throws {
        let tenants = try TenantCommand.load(directories.found).tenants.values.sorted { $0.name < $1.name }
        let rows = tenants.map { tenant -> [String] in
            let bounds = [tenant.concurrent, tenant.rate, tenant.daily.runs.map { Int($0) }].map { bound in
                bound.map { "\($0)" } ?? "-"
            }
            return [tenant.name, "\(tenant.weight)", "\(tenant.keys.count)"] + bounds
        }
        for line in Table.lines([["TENANT", "WEIGHT", "KEYS", "CONCURRENT", "RATE", "RUNS/DAY"]] + rows) {
            Console.say(line)
        }
    }
}

struct TenantShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one tenant, with what its file does not say.")

    @OptionGroup var directories: PolicyDirectoryOptions

    @Argument(help: "Its name.")
    var name: String

    mutating func run() async throws {
        let set = try TenantCommand.load(directories.found)
        guard let tenant = set.tenants[name] else {
            throw CommandFailure(
                APIError(
                    .invalidRequest,
                    "there is no tenant \(name.prefix(64)); there are: \(set.tenants.keys.sorted().joined(separator: ", "))"
                ))
        }
        func number(_ value: Int?, _ unit: String = "") -> String { value.map { "\($0)\(unit)" } ?? "not bounded" }
        let priorities = tenant.priorities
        var rows: [[String]] = [["name", tenant.name], ["description", tenant.description ?? "-"]]
        rows.append(["keys", tenant.keys.isEmpty ? "-" : tenant.keys.joined(separator: ", ")])
        rows.append(["languages", tenant.languages?.joined(separator: ", ") ?? "all"])
        rows.append(["policies", tenant.policies?.joined(separator: ", ") ?? "all"])
        rows.append(["weight", "\(tenant.weight)"])
        rows.append(
            ["priority", "\(priorities.lowerBound) to \(priorities.upperBound), \(tenant.priority) by default"])
        rows.append(["rate", number(tenant.rate, " a minute")])
        rows.append(["concurrent", number(tenant.concurrent)])
        rows.append(["queued", number(tenant.queued)])
        rows.append(["sessions", number(tenant.sessions)])
        rows.append(["daily.runs", number(tenant.daily.runs.map { Int($0) })])
        rows.append(["daily.cpu", number(tenant.daily.cpu.map { Int($0 / 1_000_000) }, " ms")])
        rows.append(["daily.bytes", number(tenant.daily.bytes.map { Int($0) })])
        for line in Table.lines(rows) { Console.say(line) }
    }
}

struct TenantCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the files of all tenants.",
        discussion:
            "Every error is one line: file, line, key, what was found, what is allowed. Exit status 1 when there are errors."
    )

    @OptionGroup var directories: PolicyDirectoryOptions

    mutating func run() async throws {
        let found = directories.found
        do throws(APIError) {
            let (images, policies) = (
                try RunCatalog.images(in: found.images), try RunCatalog.policies(in: found.policies)
            )
            let set = try RunCatalog.tenants(besides: found.policies, images, policies)
            Console.say("\(Table.count(set.tenants.count, "tenant", "tenants")), no errors")
        } catch {
            for line in error.message.split(whereSeparator: \.isNewline) { Console.note(String(line)) }
            Console.exit(ExitTable.found)
        }
    }
}
