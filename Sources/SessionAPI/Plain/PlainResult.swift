internal import RunModel
internal import SessionModel

/// The value of a cell in the plain dialect.
enum PlainResult {
    /// - Parameter value: nil for a cell without a value: clients wait for the result of every cell.
    static func write(_ value: CellValue?, execution: String?, seconds: Double, to output: inout JSONBytes) {
        output.open()
        if let execution {
            output.key("execution_id")
            output.string(execution)
        }
        output.key("execution_time")
        output.number(seconds)
        output.key("repr")
        output.string(value?.repr ?? "")
        output.key("type")
        output.word("result")
        output.key("value")
        output.optional(value?.value) { $0.json($1) }
        output.close()
    }
}

/// Why a cell failed, in the plain dialect: an exception, or what else ended the cell.
struct PlainError: Sendable {
    let exception: String
    let message: String
    let traceback: [String]

    init(exception: String, message: String, traceback: [String] = []) {
        self.exception = exception
        self.message = message
        self.traceback = traceback
    }

    /// Nil for a cell that succeeded.
    init?(_ outcome: CellOutcome) {
        if outcome.status == .limit {
            // What the program noticed of it, an interrupt, is not why.
            self.init(
                exception: "LimitReached", message: Self.reached(outcome.limit?.name),
                traceback: outcome.error?.traceback ?? [])
        } else if let error = outcome.error {
            self.init(exception: error.exception, message: error.message, traceback: error.traceback)
        } else {
            self.init(status: outcome.status, limit: outcome.limit?.name)
        }
    }

    /// What ended a cell that reported no exception.
    init?(status: CellStatus, limit: String?) {
        switch status {
        case .ok: return nil
        case .error: self.init(exception: "Error", message: "the cell failed")
        case .interrupted: self.init(exception: "Interrupted", message: "the cell was interrupted")
        case .limit: self.init(exception: "LimitReached", message: Self.reached(limit))
        case .aborted: self.init(exception: "Aborted", message: "the cell was not executed, or not to its end")
        }
    }

    private static func reached(_ limit: String?) -> String { "the cell reached its limit \(limit ?? "")" }

    func write(to output: inout JSONBytes) { write(execution: nil, to: &output) }

    func write(execution: String?, to output: inout JSONBytes) {
        output.open()
        output.key("exception")
        output.string(exception)
        if let execution {
            output.key("execution_id")
            output.string(execution)
        }
        output.key("message")
        output.string(message)
        output.key("traceback")
        output.array(traceback) { $0.string($1) }
        output.key("type")
        output.word("error")
        output.close()
    }
}
