package import Egress
internal import EgressRules
internal import Glibc
package import LinuxSystem
package import Reactor
package import RunModel
package import RunPlanning
package import SandboxSpec
package import SandboxSupply
internal import Synchronization
package import WardenProtocol

/// The sandbox of a workspace from one start to one stop, on the thread of a reactor.
///
/// Safe from any thread. Commands are carried out in the order in which they come; each suspends until that has happened, and is not
/// stopped by the cancellation of its task.
package final class LiveWorkspace: Sendable {
    private struct Mailbox {
        var commands: [@Sendable (WorkspaceMember) -> Void] = []
        var isClosed = false
    }

    private let mailbox = Mutex(Mailbox())
    private let reactor: Reactor
    private let id: Reactor.MemberID

    /// Begins at once: asks for a sandbox, and opens it.
    package init(
        _ plan: WorkspacePlan, source: any SandboxSource, egress: EgressService?, sink: any LiveWorkspaceSink,
        reactor: Reactor
    ) {
        self.reactor = reactor
        id = reactor.newID()
        reactor.add(id) { [self] in WorkspaceMember(self, plan, source: source, egress: egress, sink: sink) }
    }

    /// Waits until processes can be started in it.
    ///
    /// - Throws: why there is no sandbox.
    package func opened() async throws(APIError) {
        try await ask { (member, continuation: CheckedContinuation<Result<Void, APIError>, Never>) in
            member.whenOpen(continuation)
        }
    }

    /// Starts a process.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `TOO_MANY_PROCESSES`.
    package func start(_ process: WorkspaceProcess) async throws(APIError) {
        try await perform { (member) throws(APIError) in try member.start(process) }
    }

    /// Sends a signal to the group of a process.
    ///
    /// - Parameter restarts: the process is started again when it has ended.
    /// - Returns: false when it does not run.
    package func signal(_ number: UInt8, _ process: WorkspaceProcess, restarts: Bool = false) async throws(APIError)
        -> Bool
    {
        try await perform { (member) throws(APIError) in member.signal(number, process, restarts: restarts) }
    }

    /// - Throws: `STDIN_CLOSED`, `INPUT_BUFFER_FULL`, `WORKSPACE_STOPPED`.
    package func write(_ bytes: [UInt8], to process: WorkspaceProcess, ends: Bool) async throws(APIError) {
        try await perform { (member) throws(APIError) in try member.write(bytes, to: process, ends: ends) }
    }

    /// - Throws: `NOT_SUPPORTED` for a process without a terminal.
    package func resize(_ size: TerminalSize, _ process: WorkspaceProcess) async throws(APIError) {
        try await perform { (member) throws(APIError) in try member.resize(size, process) }
    }

    /// Has something done with the files of /box.
    ///
    /// - Returns: what pid 1 says, ESRCH when the sandbox is gone, EAGAIN when too many orders wait, ETIMEDOUT.
    package func files(
        _ order: FilesOrder, archive: SharedDescriptor? = nil
    ) async -> (FilesResult, SharedDescriptor?) {
        await withCheckedContinuation { continuation in
            let isOpen = post { $0.files(order, archive: archive) { continuation.resume(returning: ($0, $1)) } }
            if !isOpen { continuation.resume(returning: (FilesResult(errno: ESRCH), nil)) }
        }
    }

    /// Connects to a port of the sandbox's network.
    ///
    /// - Returns: a socket that is connected, or connecting (EINPROGRESS); otherwise an errno.
    package func dial(_ port: UInt16) async -> (errno: Int32, SharedDescriptor?) {
        await withCheckedContinuation { continuation in
            let isOpen = post { $0.dial(port, continuation) }
            if !isOpen { continuation.resume(returning: (ESRCH, nil)) }
        }
    }

    /// Asks all processes to end, and waits until they have, or for so many nanoseconds. No process is started from here on.
    package func endProcesses(within time: Int64) async {
        await withCheckedContinuation { continuation in
            let isOpen = post { $0.endProcesses(within: time) { continuation.resume() } }
            if !isOpen { continuation.resume() }
        }
    }

    /// Ends the sandbox, whatever is in it; the sink is told.
    package func end() { post { $0.end() } }

    // MARK: - Mailbox

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (WorkspaceMember) throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        try await ask { (member, continuation) in
            continuation.resume(returning: Result { () throws(APIError) in try body(member) })
        }
    }

    private func ask<Value: Sendable>(
        _ body: @escaping @Sendable (WorkspaceMember, CheckedContinuation<Result<Value, APIError>, Never>) -> Void
    ) async throws(APIError) -> Value {
        let result: Result<Value, APIError> = await withCheckedContinuation { continuation in
            let isOpen = post { body($0, continuation) }
            if !isOpen { continuation.resume(returning: .failure(.workspaceStopped)) }
        }
        return try result.get()
    }

    /// - Returns: false when it has ended: nothing will be done.
    @discardableResult
    func post(_ command: @escaping @Sendable (WorkspaceMember) -> Void) -> Bool {
        let isOpen = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.commands.append(command)
            return true
        }
        if isOpen { reactor.wake(id) }
        return isOpen
    }

    func takeCommands() -> [@Sendable (WorkspaceMember) -> Void] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    /// Takes nothing more from now on.
    ///
    /// - Returns: false when there still are commands: they are to be taken first.
    func closeMailbox() -> Bool {
        mailbox.withLock { mailbox in
            mailbox.isClosed = mailbox.commands.isEmpty
            return mailbox.isClosed
        }
    }
}

extension APIError {
    static var workspaceStopped: APIError {
        APIError(.workspaceStopped, "the workspace is not running: start it", retryable: false)
    }
}
