internal import ArgumentParser
internal import Foundation
internal import NestboxClient
internal import RunModel

/// `nestbox top`: what a running service does now.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch what a service does: runs, sessions, pools, recent outcomes, clients, tenants.",
        discussion: """
            At a terminal the screen is live: 1 to 6 choose a table, s and S the column that it is ordered by, the arrow keys a \
            row, k ends the selected run or session, p pauses, q quits. Elsewhere it is printed once.

            It needs the key of an administrator in $NESTBOX_KEY; where the service asks for no keys, it works on the machine of \
            the service only.

            EXAMPLES
              nestbox top
              nestbox top --view sessions --interval 5
              nestbox top --json | jq '.load'
            """)

    @Option(help: ArgumentHelp("Where the service is.", valueName: "url"))
    var server = "http://127.0.0.1:8080"

    @Option(help: ArgumentHelp("Seconds between two looks, 0.2 to 60.", valueName: "seconds"))
    var interval = 1.0

    @Option(help: "The table: runs, sessions, pools, recent, clients, tenants.")
    var view = "runs"

    @Option(help: ArgumentHelp("The column that it is ordered by, as its head says.", valueName: "column"))
    var sort: String?

    @Flag(help: "Print JSON, once.")
    var json = false

    private static let columns: [TopView: [String]] = {
        let nothing = AdminOverview.empty
        return Dictionary(uniqueKeysWithValues: TopView.allCases.map { ($0, $0.table(nothing).columns) })
    }()

    func validate() throws {
        guard (0.2...60).contains(interval) else {
            throw ValidationError("--interval: found \(interval), allowed 0.2 to 60")
        }
        guard let chosen = TopView(rawValue: view) else {
            throw ValidationError(
                "--view: found \"\(view)\", allowed \(TopView.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let known = Self.columns[chosen] ?? []
        if let sort, !known.contains(sort.uppercased()) {
            throw ValidationError(
                "--sort: found \"\(sort)\", allowed \(known.map { $0.lowercased() }.joined(separator: ", "))")
        }
    }

    func run() async throws {
        do {
            let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
            let client = try NestboxClient(server, key: key)
            let chosen = TopView(rawValue: view) ?? .runs
            let column = sort.flatMap { Self.columns[chosen]?.firstIndex(of: $0.uppercased()) }
            let overview = try await client.overview()
            if json { return try Output.json(overview) }
            let state = TopState(view: chosen, column: column)
            guard Console.isTerminal(Console.input), Console.isTerminal(Console.output) else {
                return Self.printOnce(overview, state, server)
            }
            try await TopLoop(client: client, server: server, interval: interval).run(state, overview)
        } catch let error as NestboxError {
            throw CommandFailure(
                APIError(
                    APIError.Code(rawValue: error.code), error.message, retryable: error.retryable,
                    details: error.details), asJSON: json)
        }
    }

    private static func printOnce(_ overview: AdminOverview, _ state: TopState, _ server: String) {
        for line in TopScreen.head(overview, server: server, width: 100) { Console.say(line) }
        Console.say("")
        for line in state.view.table(overview).sorted(by: state.column).lines { Console.say(line) }
    }
}

extension AdminOverview {
    /// Of a service that does nothing: it has the columns of all tables.
    fileprivate static let empty = AdminOverview(
        version: "", now: "", startedAt: "", health: Health(status: "ok", reasons: []), draining: false,
        load: Load(
            running: 0, queued: 0, maxRunning: 1, maxQueued: 0, oldestQueuedSeconds: nil, sessions: 0, maxSessions: 0,
            websockets: 0), runs: [], clients: [], pools: [], sessions: [], recent: [],
        warden: Warden(
            ready: false, pid: nil, restarts: 0, lastError: nil, sandboxes: nil, parked: nil, running: nil,
            quarantined: 0, silenceSeconds: nil), images: [],
        host: Host(processors: 1, memoryBytes: 1, memoryAvailableBytes: 1, pressure: []),
        audit: Audit(enabled: false, seq: 0, lastError: nil),
        policies: Policies(state: "idle", generation: 0, digest: "", loadedAt: ""))
}
