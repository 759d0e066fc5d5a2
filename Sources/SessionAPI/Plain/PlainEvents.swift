internal import RunModel
internal import SessionModel
internal import SessionService

/// Makes the events of a session into the messages of the plain dialect.
///
/// Its clients read a cell's messages until the first `result` or `error`, so there is exactly one of them for each cell, and it
/// comes when all output has come.
struct PlainEvents: Sendable {
    /// The result or error of the cell that is being executed.
    private var held: [UInt8]?

    /// The messages that an event becomes.
    mutating func messages(_ logged: LoggedSessionEvent) -> [[UInt8]] {
        switch logged.event.kind {
        case .result, .error:
            // An error after a result is what ended the cell.
            held = logged.json
            return []
        case .executionFinished(let id, let status, let seconds, _, let limit):
            defer { held = nil }
            // What the program noticed of a limit, an interrupt, is not why the cell ended.
            if status == .limit { held = nil }
            return [held ?? Self.ending(id, status, seconds, limit?.name), logged.json]
        case .ended:
            defer { held = nil }
            return [held, logged.json].compactMap { $0 }
        default: return [logged.json]
        }
    }

    /// The last message of a cell that has told neither value nor exception.
    private static func ending(_ id: String, _ status: CellStatus, _ seconds: Double, _ limit: String?) -> [UInt8] {
        var output = JSONBytes(size: 256)
        if let error = PlainError(status: status, limit: limit) {
            error.write(execution: id, to: &output)
        } else {
            PlainResult.write(nil, execution: id, seconds: seconds, to: &output)
        }
        return output.bytes
    }
}
