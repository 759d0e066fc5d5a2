internal import RunModel
internal import Synchronization
internal import WorkspaceModel
internal import WorkspaceService

extension ProcessLogEntry {
    /// As it stands in `type`, and as the name of an event.
    var name: String {
        switch self {
        case .started: "started"
        case .output(let stream, _): stream.rawValue
        case .exit: "exit"
        }
    }

    /// - Parameter number: of the entry in its log.
    func write(to output: inout JSONBytes, number: Int64) {
        output.open()
        output.member("type", name)
        output.member("seq", number)
        switch self {
        case .started: break
        case .output(_, let bytes):
            let text = OutputText(bytes).rendered
            output.member("data", text.data)
            output.member("encoding", text.encoding.rawValue)
        case .exit(let report):
            output.member("process_id", report.id)
            output.member("state", report.state.rawValue)
            report.writeEnd(to: &output)
        }
        output.close()
    }
}

/// Whether a stream has told all that it is to tell. Used by one reader.
final class StreamEnd: Sendable {
    private let reached = Atomic(false)

    var isReached: Bool { reached.load(ordering: .relaxed) }
    func reach() { reached.store(true, ordering: .relaxed) }
}
