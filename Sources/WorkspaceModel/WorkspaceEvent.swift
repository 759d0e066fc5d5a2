internal import RunModel

/// Something that has happened in a workspace. Sequence numbers count from 1, and go on over stops and starts.
package struct WorkspaceEvent: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// What it does from now on, and why where that is not what somebody has asked for.
        case state(WorkspaceState, reason: String?)
        case processStarted(ProcessReport)
        case processExited(ProcessReport)
        case portOpened(UInt16)
        case portClosed(UInt16)
        /// It has come near a limit, or something could not be done.
        case warning(String)
        /// It stops soon, because of `reason`: `ttl` or `idle`.
        case closing(at: Int64, reason: String)
        /// Its files are stored: so many, of so many bytes.
        case stored(files: Int64, bytes: Int64, skipped: Int64)
        case build(BuildEvent)
    }

    /// A step of a build.
    package struct BuildEvent: Sendable, Equatable {
        package var build: String
        /// What follows `build_` in the type.
        package var type: String
        package var step: String?
        package var message: String

        package init(build: String, type: String, step: String?, message: String) {
            self.build = build
            self.type = type
            self.step = step
            self.message = message
        }
    }

    package let sequence: Int64
    /// Milliseconds since 1970.
    package let time: Int64
    package let kind: Kind

    package init(sequence: Int64, time: Int64, kind: Kind) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
    }

    /// The event as clients read it.
    package func json(_ id: WorkspaceID) -> [UInt8] {
        var output = JSONBytes(size: 256)
        output.open()
        output.member("type", kind.name)
        output.member("workspace_id", id.description)
        output.member("seq", sequence)
        output.member("time", time)
        kind.writeBody(to: &output)
        output.close()
        return output.bytes
    }
}

extension WorkspaceEvent.Kind {
    /// As it stands in `type`.
    package var name: String {
        switch self {
        case .state: "state"
        case .processStarted: "process_started"
        case .processExited: "process_exited"
        case .portOpened: "port_opened"
        case .portClosed: "port_closed"
        case .warning: "warning"
        case .closing: "closing"
        case .stored: "stored"
        case .build(let event): "build_" + event.type
        }
    }

    func writeBody(to output: inout JSONBytes) {
        switch self {
        case .state(let state, let reason):
            output.member("state", state.rawValue)
            if let reason { output.member("reason", reason) }
        case .processStarted(let report), .processExited(let report): report.writeMembers(to: &output)
        case .portOpened(let port), .portClosed(let port): output.member("port", port)
        case .warning(let message): output.member("message", message)
        case .closing(let moment, let reason):
            output.member("at", moment)
            output.member("reason", reason)
        case .stored(let files, let bytes, let skipped):
            output.member("files", files)
            output.member("bytes", bytes)
            output.member("skipped", skipped)
        case .build(let event):
            output.member("build_id", event.build)
            if let step = event.step { output.member("step", step) }
            output.member("message", event.message)
        }
    }
}
