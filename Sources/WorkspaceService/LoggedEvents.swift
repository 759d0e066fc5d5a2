package import RunModel
package import WorkspaceModel

/// An event of a workspace with its JSON, which is made once for all readers.
package struct LoggedEvent: LogEntry {
    package let event: WorkspaceEvent
    package let json: [UInt8]

    package var cost: Int { 2 * json.count + 256 }
}

/// What a process has done, as its log has it.
package enum ProcessLogEntry: LogEntry {
    case started
    /// As it was written; the output of a terminal is stdout.
    case output(OutputStream, [UInt8])
    /// It has ended; it may be started again.
    case exit(ProcessReport)

    package var cost: Int {
        switch self {
        case .started: 128
        case .output(_, let bytes): bytes.count + 96
        case .exit: 512
        }
    }
}
