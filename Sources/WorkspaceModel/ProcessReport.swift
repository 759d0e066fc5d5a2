package import RunModel
package import SandboxSpec

/// A process of a workspace as answers and events show it.
package struct ProcessReport: Sendable, Equatable {
    package enum State: String, Sendable {
        /// It has been asked for.
        case starting
        case running
        /// It has ended, and will be started again.
        case waiting
        case exited
        /// It could not be started.
        case failed
    }

    /// `p` and a number; never used again in a workspace.
    package var id: String
    package var name: String?
    package var arguments: [String]
    package var directory: String
    package var state = State.starting
    package var restart = RestartPolicy.never
    package var restarts = 0
    package var hasTerminal = false
    /// Milliseconds since 1970.
    package var startedAt: Int64
    package var endedAt: Int64?
    package var status: ExitStatus?
    /// It was ended because its time was over.
    package var hasTimedOut = false
    /// Why it could not be started.
    package var failure: String?
    /// Nanoseconds and bytes, of the last start, once it has ended.
    package var cpu: Int64 = 0
    package var memoryPeak: Int64 = 0

    package init(id: String, request: ProcessRequest, startedAt: Int64) {
        self.id = id
        name = request.name
        arguments = request.arguments
        directory = request.directory.map { "/box/\($0)" } ?? "/box"
        restart = request.restart
        hasTerminal = request.terminal != nil
        self.startedAt = startedAt
    }

    /// Whether it will never run again.
    package var isOver: Bool { state == .exited || state == .failed }

    package func write(to output: inout JSONBytes) {
        output.open()
        writeMembers(to: &output)
        output.close()
    }

    /// The members without the brackets.
    package func writeMembers(to output: inout JSONBytes) {
        output.member("process_id", id)
        if let name { output.member("name", name) }
        output.key("command")
        output.array(arguments) { $0.string($1) }
        output.member("cwd", directory)
        output.member("state", state.rawValue)
        output.member("restart", restart.rawValue)
        output.member("restarts", restarts)
        output.member("tty", hasTerminal)
        output.member("started_at", startedAt)
        output.key("ended_at")
        output.optional(endedAt) { $0.integer($1) }
        writeEnd(to: &output)
    }

    /// How it ended: what events and answers have in common.
    ///
    /// - Parameter hasUsage: with what it has used.
    package func writeEnd(to output: inout JSONBytes, hasUsage: Bool = true) {
        output.key("exit_code")
        output.optional(exitCode) { $0.integer($1) }
        output.key("signal")
        output.optional(signal) { $0.string($1) }
        output.member("timed_out", hasTimedOut)
        output.key("failure")
        output.optional(failure) { $0.string($1) }
        guard hasUsage else { return }
        output.key("usage")
        output.open()
        output.member("cpu_ms", number: Double(cpu / 1000) / 1000)
        output.member("memory_peak_bytes", memoryPeak)
        output.close()
    }

    package var exitCode: UInt8? { if case .exited(let code)? = status { code } else { nil } }
    package var signal: String? {
        if case .signaled(let number)? = status { SignalName.name(of: number) } else { nil }
    }
}
