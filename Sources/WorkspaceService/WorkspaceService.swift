package import Egress
package import LinuxSystem
package import Reactor
package import RunModel
package import RunPlanning
package import RunService
internal import SandboxSpec
package import SandboxSupply
internal import SessionExecution
internal import Synchronization
internal import Tenants
package import WorkspaceModel

/// All workspaces of one service: how many may run, whose they are, and those that are stored. Safe from any thread.
package final class WorkspaceService: Sendable {
    /// What bounds a service and its workspaces. Times are nanoseconds.
    package struct Settings: Sendable {
        /// Workspaces that run at the same time; 0 for none.
        package var workspaces: Int
        /// Of them, those of one owner.
        package var perOwner: Int
        /// Workspaces of one owner, running or not.
        package var knownPerOwner: Int
        /// Bytes of events kept for each.
        package var historyBytes = 1 << 20
        /// How often the files of one that runs are stored.
        package var saveEvery: Int64 = 300_000_000_000
        /// How long before a stop by the clock that is announced.
        package var notice: Int64 = 60_000_000_000

        package init(workspaces: Int, perOwner: Int, knownPerOwner: Int) {
            self.workspaces = workspaces
            self.perOwner = perOwner
            self.knownPerOwner = knownPerOwner
        }
    }

    /// How many there are, by state.
    package struct Vitals: Sendable, Equatable {
        package var states: [WorkspaceState: Int] = [:]
        package var processes = 0
        package var maximum = 0
    }

    /// Finds what a request needs, or why it cannot be had.
    package typealias Planning = @Sendable (WorkspaceRequest) throws(APIError) -> WorkspacePlan

    private struct State {
        var entries: [WorkspaceID: Workspace] = [:]
        /// Those that have a sandbox, or are getting one.
        var living: [WorkspaceID: RunOwner] = [:]
        /// Those that are being made.
        var making: [RunOwner: Int] = [:]
        var isClosed = false
        var busy: Set<WorkspaceID> = []
    }

    package let settings: Settings
    private let tenancy: Tenancy
    private let state = Mutex(State())
    private let observer: any WorkspaceObserver
    private let plan: Planning
    private let store: WorkspaceStore?
    private let source: any SandboxSource
    private let egress: EgressService?
    private let reactor: Reactor
    private let now: @Sendable () -> Int64
    private let date: @Sendable () -> Int64

    /// - Parameters:
    ///   - source: where sandboxes come from.
    ///   - store: where workspaces are stored; nil keeps them in memory.
    ///   - tenancy: whose workspaces are whose; without tenants when nil.
    ///   - reactor: on whose thread they live.
    ///   - now: nanoseconds of a monotonic clock.
    ///   - date: milliseconds since 1970.
    package init(
        settings: Settings, plan: @escaping Planning, source: any SandboxSource, store: WorkspaceStore? = nil,
        tenancy: Tenancy? = nil, reactor: Reactor, egress: EgressService? = nil, observer: any WorkspaceObserver,
        now: @escaping @Sendable () -> Int64, date: @escaping @Sendable () -> Int64 = { Timestamp.now() }
    ) {
        self.settings = settings
        self.plan = plan
        self.source = source
        self.store = store
        self.tenancy = tenancy ?? .none(date: date)
        self.reactor = reactor
        self.egress = egress
        self.observer = observer
        self.now = now
        self.date = date
        for stored in store?.all ?? [] {
            guard let id = WorkspaceID(stored.workspace_id) else { continue }
            let identity = Workspace.Identity(
                id: id, owner: RunOwner(stored.owner), createdAt: stored.created_at)
            let workspace = Workspace(identity, stored.request.request, services, stored: stored)
            state.withLock { $0.entries[id] = workspace }
        }
    }

    private var services: WorkspaceServices {
        WorkspaceServices(
            settings: settings, plan: plan, source: source, store: store, egress: egress, reactor: reactor, now: now,
            date: date, admit: { [weak self] (workspace, plan) throws(APIError) in try self?.admit(workspace, plan) },
            checkQuota: { [tenancy] (owner) throws(APIError) in try tenancy.checkQuota(tenancy.tenant(of: owner)) },
            retire: { [weak self] in self?.retire($0) })
    }

    // MARK: - Workspaces

    /// A new workspace, which has its files, and runs if that is wanted.
    ///
    /// - Throws: what is wrong with the request; `TOO_MANY_WORKSPACES`, `SHUTTING_DOWN`, what `Workspace.start` throws.
    package func create(
        _ request: WorkspaceRequest, owner: RunOwner, starts: Bool = true, archive: SharedDescriptor? = nil
    ) async throws(APIError) -> Workspace {
        do throws(APIError) {
            let plan = try plan(request)
            try tenancy.check(tenancy.tenant(of: owner), language: plan.language, policy: plan.policy)
            try reserve(owner)
            var kept = request
            kept.files = []
            let workspace = Workspace(
                Workspace.Identity(id: WorkspaceID(), owner: owner, createdAt: date()), kept, services)
            do throws(APIError) {
                if let archive {
                    try await workspace.keep(archive, files: 0)
                } else if !plan.files.isEmpty {
                    let archive = try Self.archive(of: plan, at: date() / 1000)
                    try await workspace.keep(archive, files: Int64(plan.files.count))
                }
                if starts { try await workspace.start() }
            } catch {
                await workspace.delete()
                release(owner, nil)
                throw error
            }
            release(owner, workspace)
            observer.created(workspace)
            return workspace
        } catch {
            observer.refused(error)
            throw error
        }
    }

    /// The files of a request as an archive.
    private static func archive(of plan: WorkspacePlan, at time: Int64) throws(APIError) -> SharedDescriptor {
        var bytes: [UInt8] = []
        for file in plan.files {
            guard
                let one = ArchiveWriter.archive(
                    file.path, file.content, executable: file.executable, modified: time)
            else { throw Workspace.tooLong(file.path) }
            // Each ends with two empty blocks; only the last ones count.
            bytes += one.dropLast(1024)
        }
        return try Workspace.sealed(bytes + [UInt8](repeating: 0, count: 1024))
    }

    private func reserve(_ owner: RunOwner) throws(APIError) {
        try state.withLock { state throws(APIError) in
            guard !state.isClosed else { throw APIError(.shuttingDown, "the service is stopping", retryable: true) }
            guard settings.workspaces > 0 else {
                throw APIError(.tooManyWorkspaces, "workspaces are turned off here (max_workspaces is 0)")
            }
            let known = state.entries.values.count { $0.identity.owner == owner } + state.making[owner, default: 0]
            guard known < settings.knownPerOwner else {
                throw APIError(
                    .tooManyWorkspaces,
                    "you have \(known) workspaces already (stored_workspaces_per_owner): delete one")
            }
            state.making[owner, default: 0] += 1
        }
    }

    private func release(_ owner: RunOwner, _ workspace: Workspace?) {
        state.withLock { state in
            state.making[owner, default: 1] -= 1
            if state.making[owner] == 0 { state.making[owner] = nil }
            if let workspace { state.entries[workspace.id] = workspace }
        }
    }

    private func admit(_ workspace: Workspace, _ plan: WorkspacePlan) throws(APIError) {
        let owner = workspace.identity.owner
        try tenancy.check(tenancy.tenant(of: owner), language: plan.language, policy: plan.policy)
        try state.withLock { state throws(APIError) in
            guard !state.isClosed else { throw APIError(.shuttingDown, "the service is stopping", retryable: true) }
            guard state.living.count < settings.workspaces else {
                throw APIError(
                    .tooManyWorkspaces, "the service runs \(state.living.count) workspaces already (max_workspaces)",
                    retryable: true)
            }
            let own = state.living.values.count { $0 == owner }
            guard own < settings.perOwner else {
                throw APIError(
                    .tooManyWorkspaces, "you run \(own) workspaces already (max_workspaces_per_owner)", retryable: true)
            }
            state.living[workspace.id] = owner
        }
        observer.started(workspace)
    }

    private func retire(_ workspace: Workspace) {
        guard state.withLock({ $0.living.removeValue(forKey: workspace.id) }) != nil else { return }
        charge(workspace)
        observer.stopped(workspace)
    }

    /// Counts for its tenant what a workspace has used since the last time.
    private func charge(_ workspace: Workspace) {
        let cpu = workspace.takeUsage()
        guard cpu > 0 else { return }
        tenancy.usage.add(
            TenantUsage.Counters(cpu: cpu), to: tenancy.tenant(of: workspace.identity.owner).name)
    }

    /// - Throws: `WORKSPACE_NOT_FOUND`, the same for a workspace of somebody else.
    package func find(_ id: WorkspaceID, owner: RunOwner) throws(APIError) -> Workspace {
        guard let workspace = state.withLock({ $0.entries[id] }), workspace.identity.owner == owner else {
            throw .noWorkspace(id)
        }
        return workspace
    }

    /// The owner's workspaces, the newest first.
    package func list(owner: RunOwner, states: Set<WorkspaceState>? = nil, tags: [String] = []) -> [WorkspaceSummary] {
        let all = state.withLock { $0.entries.values.filter { $0.identity.owner == owner } }
        return all.map(\.summary)
            .filter { one in states?.contains(one.state) != false && tags.allSatisfy(one.tags.contains) }
            .sorted { ($0.createdAt, $0.id.description) > ($1.createdAt, $1.id.description) }
    }

    /// Ends a workspace, and removes all that is left of it.
    package func delete(_ workspace: Workspace) async {
        await workspace.delete()
        state.withLock { _ = $0.entries.removeValue(forKey: workspace.id) }
    }

    /// A new workspace with the files of another one as they are now.
    ///
    /// - Throws: what `create` does, and why the files cannot be had.
    package func duplicate(_ workspace: Workspace, name: String?) async throws(APIError) -> Workspace {
        var request = workspace.state.withLock { $0.request }
        request.name = name ?? request.name
        let isRunning = workspace.currentState == .running
        let archive = isRunning ? try await workspace.packed() : try await workspace.archive()
        return try await create(request, owner: workspace.identity.owner, starts: isRunning, archive: archive)
    }

    /// Whether it takes no more workspaces.
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    package var vitals: Vitals {
        let all = state.withLock { Array($0.entries.values) }
        var vitals = Vitals(maximum: settings.workspaces)
        for one in all {
            vitals.states[one.currentState, default: 0] += 1
            vitals.processes += one.processes.count { !$0.isOver }
        }
        return vitals
    }

    // MARK: - By the clock

    /// Stops what is due, and stores what has not been stored for a while; to be called every second or so.
    package func tick() {
        for workspace in state.withLock({ Array($0.entries.values) }) {
            workspace.log.wakeReaders()
            for process in workspace.processes { process.log.wakeReaders() }
            guard workspace.currentState == .running else { continue }
            charge(workspace)
            guard let work = workspace.due() else { continue }
            guard state.withLock({ $0.busy.insert(workspace.id).inserted }) else { continue }
            Task {
                await workspace.carryOut(work)
                self.state.withLock { _ = $0.busy.remove(workspace.id) }
            }
        }
    }

    /// Takes no more workspaces, and stops those that run: their files are stored.
    package func stop() async {
        let living = state.withLock { state in
            state.isClosed = true
            return state.living.keys.compactMap { state.entries[$0] }
        }
        await withTaskGroup { group in
            for workspace in living {
                // It may have been deleted meanwhile.
                group.addTask { try? await workspace.stop(reason: "shutting_down") }
            }
        }
    }
}
