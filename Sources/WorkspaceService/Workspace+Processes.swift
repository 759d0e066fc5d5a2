internal import Glibc
internal import LinuxSystem
package import RunModel
internal import RunPlanning
package import SandboxSpec
internal import Synchronization
package import WorkspaceModel

/// The processes of a workspace.
extension Workspace {
    /// Processes that have ended and can still be asked for.
    static let maximumEnded = 32
    /// Bytes of each output that an answer has.
    package static let captureBytes = 1 << 20

    /// Starts a process.
    ///
    /// - Parameter captures: the beginning of its output is kept for whoever waits for its end.
    /// - Returns: it runs.
    /// - Throws: `WORKSPACE_STOPPED`, `TOO_MANY_PROCESSES`, `PROCESS_NOT_RUNNING` with the reason, `PROCESS_EXISTS`, `INVALID_REQUEST`, `QUOTA_EXCEEDED`.
    package func start(_ request: ProcessRequest, captures: Bool) async throws(APIError) -> WorkspaceProcess {
        let live = try running()
        try services.checkQuota(identity.owner)
        let (plan, date) = (state.withLock { $0.plan }, services.date())
        guard let plan else { throw .workspaceStopped }
        guard !request.arguments.isEmpty else {
            throw APIError(.invalidRequest, "command: found nothing, allowed is at least the name of a program")
        }
        let environment = try plan.environment(adding: request.environment, isTerminal: request.terminal != nil)
        let job = Job(arguments: request.arguments, environment: environment)
        guard request.arguments.count <= Job.maximumStrings, job.stringBytes <= Job.maximumStringBytes,
            !request.arguments.contains(where: { $0.utf8.contains(0) })
        else {
            throw APIError(
                .invalidRequest,
                "command: found \(request.arguments.count) arguments of \(job.stringBytes) bytes with the environment, "
                    + "allowed are \(Job.maximumStrings) of \(Job.maximumStringBytes) bytes, without a NUL byte")
        }
        let process = try state.withLock { state throws(APIError) -> WorkspaceProcess in
            if let name = request.name, let other = state.processes.first(where: { $0.request.name == name }) {
                guard other.isOver else {
                    throw APIError(.processExists, "process \(other.id) runs by the name \(name) already")
                }
                state.processes.removeAll { $0 === other }
            }
            let process = WorkspaceProcess(
                id: "p\(state.nextProcess)", request, environment: environment, logBytes: plan.limits.logBytes,
                captureBytes: captures ? Self.captureBytes : nil, date: date)
            state.nextProcess += 1
            state.processes.append(process)
            let ended = state.processes.filter(\.isOver)
            if ended.count > Self.maximumEnded {
                let old = ended.prefix(ended.count - Self.maximumEnded)
                state.processes.removeAll { one in old.contains { $0 === one } }
            }
            return process
        }
        do throws(APIError) {
            try await live.start(process)
            let report = await process.launched()
            guard report.state != .failed else {
                throw APIError(
                    .processNotRunning, "the process could not be started: \(report.failure ?? "")",
                    details: ["command": report.failure ?? ""])
            }
        } catch {
            state.withLock { $0.processes.removeAll { $0 === process } }
            throw error
        }
        return process
    }

    /// All that are known, in the order of their starts.
    package var processes: [WorkspaceProcess] { state.withLock { $0.processes } }

    /// By its number or its name.
    ///
    /// - Throws: `PROCESS_NOT_FOUND`.
    package func process(_ name: String) throws(APIError) -> WorkspaceProcess {
        guard let found = state.withLock({ state in state.processes.last { $0.id == name || $0.request.name == name } })
        else { throw APIError(.processNotFound, "the workspace has no process \(name.prefix(64))") }
        return found
    }

    /// Forgets a process that has ended, and ends one that has not.
    package func end(_ process: WorkspaceProcess) async throws(APIError) {
        if process.isOver {
            state.withLock { $0.processes.removeAll { $0 === process } }
        } else {
            _ = try await signal(UInt8(SIGKILL), process)
        }
    }

    /// Sends a signal to its process group.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `PROCESS_NOT_RUNNING`.
    package func signal(_ number: UInt8, _ process: WorkspaceProcess) async throws(APIError) {
        guard try await (try running()).signal(number, process) else {
            throw APIError(.processNotRunning, "process \(process.id) does not run")
        }
    }

    /// Ends it, and starts it again; one that has ended is started anew by its request.
    ///
    /// - Returns: what runs now: it keeps its number only when it was running.
    package func restart(_ process: WorkspaceProcess) async throws(APIError) -> WorkspaceProcess {
        if try await (try running()).signal(UInt8(SIGTERM), process, restarts: true) { return process }
        return try await start(process.request, captures: false)
    }

    /// - Throws: `WORKSPACE_STOPPED`, `STDIN_CLOSED`, `INPUT_BUFFER_FULL`.
    package func write(_ bytes: [UInt8], to process: WorkspaceProcess, ends: Bool) async throws(APIError) {
        try await (try running()).write(bytes, to: process, ends: ends)
    }

    /// - Throws: `WORKSPACE_STOPPED`, `NOT_SUPPORTED`.
    package func resize(_ size: TerminalSize, _ process: WorkspaceProcess) async throws(APIError) {
        try await (try running()).resize(size, process)
    }
}
