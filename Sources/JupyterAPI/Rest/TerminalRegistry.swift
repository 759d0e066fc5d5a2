internal import Policies
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec
internal import Synchronization

/// The terminals of a service: each is a run of bash on a terminal. Safe from any thread.
final class TerminalRegistry: Sendable {
    struct Terminal: Sendable {
        let name: String
        let owner: RunOwner
        let record: RunRecord
    }

    /// Of one owner, those included that have ended and were not looked at since.
    static let maximumCount = 16
    /// The policy that operators may write for terminals; bash's own is taken where there is none.
    static let policy = "terminal"

    private let runs: RunService
    private let terminals = Mutex<[RunOwner: [Int: Terminal]]>([:])

    init(_ runs: RunService) {
        self.runs = runs
    }

    /// - Throws: what submitting a run throws; `TOO_MANY_RUNS`.
    func create(_ caller: (owner: RunOwner, client: RunClient, concurrent: Int?), origin: RunOrigin)
        async throws(APIError) -> Terminal
    {
        guard list(owner: caller.owner).count < Self.maximumCount else { throw Self.tooMany }
        let record = try await runs.submit(
            submission(), owner: caller.owner, client: caller.client, origin: origin, concurrent: caller.concurrent,
            isConnected: false, interactiveByDefault: true)
        let terminal = terminals.withLock { terminals -> Terminal? in
            var own = terminals[caller.owner, default: [:]]
            guard own.count < Self.maximumCount, let number = (1...Self.maximumCount).first(where: { own[$0] == nil })
            else { return nil }
            let terminal = Terminal(name: String(number), owner: caller.owner, record: record)
            own[number] = terminal
            terminals[caller.owner] = own
            return terminal
        }
        guard let terminal else {
            runs.cancel(record)
            throw Self.tooMany
        }
        return terminal
    }

    private static var tooMany: APIError {
        APIError(.tooManyRuns, "you have \(maximumCount) terminals already", retryable: true)
    }

    /// A shell for as long as its policy lets a program run.
    private func submission() -> Submission {
        var request = RunRequest(language: "bash", code: Array("exec bash -i\n".utf8))
        request.environment = ["TERM": "xterm-256color"]
        let content = runs.catalog.content
        // One with errors, too: then there is no terminal, rather than one that may do more.
        if content.policies.policies[Self.policy] != nil || content.policies.broken[Self.policy] != nil {
            request.policy = Self.policy
        }
        if let settings = try? runs.catalog.planner.settings(language: "bash", policy: request.policy) {
            for name in [LimitName.wall, .cpu, .output] {
                let most = settings.policy.ceiling[name]
                request.limits[name.rawValue] = name == .output ? "\(most)B" : "\(most / 1_000_000)ms"
            }
            let idle = min(settings.policy.ceiling[.idle], settings.policy.ceiling[.wall])
            request.limits[LimitName.idle.rawValue] = "\(idle / 1_000_000)ms"
        }
        var submission = Submission(request)
        submission.terminal = TerminalSize(rows: 24, columns: 80)
        submission.interactive = true
        submission.onDisconnect = .detach
        submission.cache = .off
        return submission
    }

    /// Those that run, in the order of their numbers; others are forgotten, whoever they are of.
    func list(owner: RunOwner) -> [Terminal] {
        terminals.withLock { terminals in
            terminals = terminals.mapValues { $0.filter { $0.value.record.state != .finished } }
                .filter { !$0.value.isEmpty }
            return terminals[owner, default: [:]].sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// - Throws: `NOT_FOUND`, also for one of somebody else, and for one that has ended.
    func find(_ name: String, owner: RunOwner) throws(APIError) -> Terminal {
        guard let terminal = list(owner: owner).first(where: { $0.name == name }) else {
            throw APIError(.kernelNotFound, "Terminal not found: \(name.prefix(64))")
        }
        return terminal
    }

    func end(_ terminal: Terminal) {
        runs.cancel(terminal.record)
        terminals.withLock { terminals in
            if let number = Int(terminal.name) { terminals[terminal.owner]?[number] = nil }
        }
    }
}
