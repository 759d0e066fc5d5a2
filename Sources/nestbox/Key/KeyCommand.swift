internal import AccessKeys
internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import RunModel
internal import ServerSettings

/// `nestbox key`: who may use the service.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Create, list and revoke API keys.",
        discussion: "Keys are kept as hashes in <state>/keys.json. A change counts within a second.",
        subcommands: [KeyCreateCommand.self, KeyListCommand.self, KeyRevokeCommand.self])
}

/// Which file of keys.
struct KeyFileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of keys.",
            discussion: "Default: the one that the settings of the service name, or keys.json in --state.",
            valueName: "file"), completion: .file())
    var keys: String?

    @Option(
        help: ArgumentHelp(
            "The directory that holds keys.json.", discussion: "Default: the state directory of the service.",
            valueName: "dir"), completion: .directory)
    var state: String?

    /// The file as the service finds it: `state` and `keys` may be set in its file of settings, too.
    private func find() throws(CommandFailure) -> KeyFile {
        var arguments: [String] = []
        if let state { arguments.append("--state=\(state)") }
        if let keys { arguments.append("--keys=\(keys)") }
        do throws(SettingsError) {
            let settings = try ServerSettings(
                arguments: arguments, environment: ProcessInfo.processInfo.environment, paths: Installation.paths)
            return KeyFile(path: settings.paths.keys, group: Self.group(of: settings.access.user))
        } catch {
            if let keys, !keys.isEmpty { return KeyFile(path: keys, group: Self.group(of: "nestbox")) }
            throw CommandFailure(
                APIError(
                    .invalidRequest,
                    "the settings of the service are wrong, so that its file of keys is not known (--keys names it): "
                        + error.diagnostics.joined(separator: "; ")))
        }
    }

    /// The service becomes this user; a file that root makes must be one it can read.
    private static func group(of user: String) -> UInt32? {
        geteuid() == 0 ? getpwnam(user)?.pointee.pw_gid : nil
    }

    /// Runs a body whose problems are errors of the command line.
    func use<Value>(_ body: (KeyFile) throws(KeyFile.Problem) -> Value) throws -> Value {
        let file = try find()
        do throws(KeyFile.Problem) {
            return try body(file)
        } catch {
            throw CommandFailure(APIError(.invalidRequest, error.description), asJSON: false)
        }
    }
}

struct KeyCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a key and print it, once.")

    @OptionGroup var file: KeyFileOption

    @Option(help: ArgumentHelp("Days until it expires.", valueName: "days"))
    var days: Int?

    @Option(help: ArgumentHelp("Requests per minute, instead of the service's rate.", valueName: "n"))
    var rate: Int?

    @Option(help: ArgumentHelp("Concurrent runs, instead of the service's bound.", valueName: "n"))
    var concurrent: Int?

    @Option(
        help: ArgumentHelp(
            "What it may do: user or admin.", discussion: "admin: also what lies below /api/v1/admin.",
            valueName: "role"), completion: .list(KeyRole.allCases.map(\.rawValue)))
    var role: KeyRole = .user

    @Argument(help: "What to call it, for example who gets it.")
    var name: String

    func validate() throws {
        for (option, value) in [("--days", days), ("--rate", rate), ("--concurrent", concurrent)] {
            if let value, !(1...1_000_000).contains(value) {
                throw ValidationError("\(option): found \(value), allowed 1 to 1000000")
            }
        }
    }

    func run() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let made = try file.use { (file) throws(KeyFile.Problem) in
            try file.create(
                name: name, now: now, expires: days.map { now + Int64($0) * 86_400 }, rate: rate,
                concurrent: concurrent,
                role: role == .user ? nil : role)
        }
        Console.note("key \(made.key.id) for \(name); this is the only time it is shown:")
        print(made.text)
    }
}

extension KeyRole: ExpressibleByArgument {}

struct KeyListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys, without secrets.")

    @OptionGroup var file: KeyFileOption

    @Flag(help: "Print JSON.")
    var json = false

    private struct Entry: Encodable {
        let id: String
        let name: String
        let state: String
        let created: String
        let expires: String?
    }

    func run() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        let keys = try file.use { (file) throws(KeyFile.Problem) in try file.load() }
        let entries = keys.map { key in
            Entry(
                id: key.id, name: key.name,
                state: key.revoked != nil ? "revoked" : key.isValid(at: now) ? "valid" : "expired",
                created: Self.day(key.created), expires: key.expires.map(Self.day))
        }
        if json {
            print(String(decoding: try JSONText.encode(entries, pretty: true), as: UTF8.self))
            return
        }
        for entry in entries {
            print("\(entry.id)  \(entry.state)\t\(entry.created)  \(entry.expires ?? "-")\t\(entry.name)")
        }
    }

    private static func day(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601.year().month().day())
    }
}

struct KeyRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a key.")

    @OptionGroup var file: KeyFileOption

    @Argument(help: "The id, as 'nestbox key list' shows it.")
    var id: String

    func run() async throws {
        let now = Int64(Date().timeIntervalSince1970)
        try file.use { (file) throws(KeyFile.Problem) in try file.revoke(id: id, now: now) }
        Console.note("key \(id) is revoked")
    }
}
