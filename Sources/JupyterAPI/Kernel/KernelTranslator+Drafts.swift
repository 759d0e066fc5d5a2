internal import RunModel
internal import SessionModel
internal import StrictJSON

/// How messages look.
extension KernelTranslator {
    func draft(
        _ line: Int?, _ channel: MessageChannel, _ type: String, _ parent: [UInt8],
        _ write: (inout JSONBytes) -> Void
    ) -> Draft { Self.draft(line, channel, type, parent, write) }

    static func draft(
        _ line: Int?, _ channel: MessageChannel, _ type: String, _ parent: [UInt8],
        _ write: (inout JSONBytes) -> Void
    ) -> Draft {
        var output = JSONBytes(size: 256)
        output.open()
        write(&output)
        output.close()
        return Draft(line: line, channel: channel, type: type, parent: parent, content: output.bytes)
    }

    func iopub(_ type: String, _ parent: [UInt8], _ write: (inout JSONBytes) -> Void) -> Draft {
        Self.draft(nil, .iopub, type, parent, write)
    }

    func status(_ state: String, _ parent: [UInt8]) -> Draft {
        iopub("status", parent) { $0.member("execution_state", state) }
    }

    static func stream(_ name: String, _ text: String, _ parent: [UInt8]) -> Draft {
        draft(nil, .iopub, "stream", parent) { output in
            output.member("name", name)
            output.member("text", text)
        }
    }

    /// What the service has to say, where people look.
    static func note(_ text: String, _ parent: [UInt8]) -> Draft { stream("stderr", "nestbox: \(text)\n", parent) }

    static func text(_ reason: SessionEvent.ClosingReason, _ seconds: Double) -> String {
        let why =
            switch reason {
            case .idle: "nobody uses it"
            case .life: "it has lived as long as it may"
            case .disconnected: "its client has left"
            }
        return "the kernel ends in \(Int(seconds)) s: \(why)"
    }

    static func error(of limit: SessionLimitReport?) -> CellError {
        guard let limit else {
            return CellError(exception: "LimitExceeded", message: "the cell came up against a limit", traceback: [])
        }
        let message =
            "the cell came up against its limit \(limit.name): \(Int64(limit.used)) \(limit.unit), "
            + "allowed are \(Int64(limit.allowed)) \(limit.unit)"
        return CellError(
            exception: "LimitExceeded", message: message, traceback: ["LimitExceeded: \(message)"])
    }

    func show(_ display: CellDisplay, _ parent: [UInt8]) -> Draft {
        iopub(display.isUpdate ? "update_display_data" : "display_data", parent) { output in
            output.key("data")
            output.mime(display.data)
            output.part("metadata", JSONParts.empty)
            output.key("transient")
            output.open()
            if let id = display.displayID { output.member("display_id", id) }
            output.close()
        }
    }

    /// The reply to an `execute_request`, and the end of its cell.
    func reply(_ cell: Cell, isAborted: Bool) -> [Draft] {
        // Nobody waits for one that came by another way.
        guard cell.request != .unknown else { return [status("idle", cell.request.parent)] }
        let reply = draft(cell.request.line, cell.request.channel, "execute_reply", cell.request.parent) { output in
            output.member("execution_count", cell.count > 0 ? cell.count : count)
            if isAborted {
                output.member("status", "aborted")
                return
            }
            output.member("status", cell.error == nil ? "ok" : "error")
            if let error = cell.error { output.error(error) }
            output.key("payload")
            output.array([Int]()) { $0.integer($1) }
            output.key("user_expressions")
            output.open()
            for (name, json) in cell.values {
                output.key(escaping: name)
                output.raw(json)
            }
            output.close()
        }
        return [reply, status("idle", cell.request.parent)]
    }

    /// The answer to any other request, and what surrounds it.
    ///
    /// - Parameter more: messages to all clients before the reply.
    func answer(
        _ request: Request, _ type: String?, more: [Draft] = [], _ write: (inout JSONBytes) -> Void = { _ in }
    ) -> [Draft] {
        var drafts = [status("busy", request.parent)] + more
        if let type { drafts.append(draft(request.line, request.channel, type, request.parent, write)) }
        drafts.append(status("idle", request.parent))
        // Clients believe the newest status: a cell that still runs is busy.
        if running != nil { drafts.append(status("busy", lastParent)) }
        return drafts
    }

    /// The answer to a request that was refused or failed.
    func refusal(_ request: Request, _ type: String, _ error: APIError) -> [Draft] {
        answer(request, type) { output in
            output.member("status", "error")
            output.error(
                CellError(exception: error.code.rawValue, message: error.message, traceback: [error.message]))
        }
    }
}

extension JSONBytes {
    /// `ename`, `evalue`, `traceback`.
    mutating func error(_ error: CellError) {
        member("ename", error.exception)
        member("evalue", error.message)
        key("traceback")
        array(error.traceback) { $0.string($1) }
    }

    /// `data` of a value, with its text, and `metadata`.
    mutating func data(_ value: CellValue) {
        key("data")
        let text =
            value.data.contains { $0.type == "text/plain" }
            ? [] : [MimeItem(type: "text/plain", content: .string(value.repr))]
        mime(text + value.data)
        part("metadata", JSONParts.empty)
    }
}
