internal import RunModel
internal import SessionModel
internal import StrictJSON

/// Makes the events of a session into the messages of a kernel. A value; knows no socket and no clock.
///
/// Every message repeats the header of the request that it belongs to, and goes to all clients or to the one that asked.
struct KernelTranslator: Sendable {
    /// A message before it has an id and a date.
    struct Draft: Sendable, Equatable {
        /// The client it is for; nil for all.
        let line: Int?
        let channel: MessageChannel
        let type: String
        let parent: [UInt8]
        let content: [UInt8]
    }

    /// Who asked for something, and with which header.
    struct Request: Sendable, Equatable {
        let line: Int
        let parent: [UInt8]
        /// The channel on which the reply goes.
        var channel = MessageChannel.shell

        /// Of a cell that came by another way than Jupyter's.
        static let unknown = Request(line: 0, parent: JSONParts.empty)
    }

    /// A cell from the moment when it is asked for until its reply.
    struct Cell: Sendable {
        let request: Request
        let isSilent: Bool
        let storesHistory: Bool
        /// Bytes of code.
        var size = 0
        /// The next event's number before the session was given the cell: what an earlier event says is not of it.
        var since: Int64 = 0
        /// Names of the expressions that are still to be evaluated behind it.
        var expressions: [String] = []
        var hasBegun = false
        var count = 0
        var error: CellError?
        var result: CellValue?
        /// Members of `user_expressions`, JSON.
        var values: [(name: String, json: [UInt8])] = []

        init(_ request: Request, _ execute: ExecuteRequest) {
            self.request = request
            isSilent = execute.silent
            storesHistory = execute.storeHistory
            size = execute.expressions.reduce(execute.code.utf8.count) { $0 + $1.code.utf8.count }
            expressions = execute.expressions.map(\.name)
        }

        fileprivate init() {
            request = .unknown
            isSilent = false
            storesHistory = true
        }
    }

    /// An expression of a cell, which the session executes as a cell of its own.
    struct Evaluation {
        let cell: String
        let name: String
        var result: CellValue?
        var error: CellError?
    }

    /// What waits for a client's answer.
    struct OpenInput: Sendable, Equatable {
        let token: String
        let line: Int
    }

    /// Of the interpreter that runs.
    private(set) var count = 0
    private(set) var epoch = 1
    private(set) var history = KernelHistory()
    var openInput: OpenInput?
    /// The cell that is being executed.
    private(set) var running: String?
    /// Of the last cell that has begun: what comes between cells belongs to it.
    private(set) var lastParent = JSONParts.empty
    var cells: [String: Cell] = [:]
    var evaluations: [String: Evaluation] = [:]
    /// Whether events have been lost, and none since has told which cells ended meanwhile.
    var hasGap = false
    private var hasStarted = false
    /// Interpreters of the kernel's sessions before this one.
    private var sessionsBefore = 0

    /// Which interpreter of the kernel runs, from 1: what the history calls a session.
    var interpreter: Int { sessionsBefore + epoch }

    /// Whether the cell of an event is known here, or nobody waits for it.
    func knows(_ id: String) -> Bool { cells[id] != nil || evaluations[id] != nil }

    /// Cells that have been asked for and not ended yet.
    var openCells: Int { cells.count + evaluations.count }
    /// The code of those, in bytes.
    var openBytes: Int { cells.values.reduce(0) { $0 + $1.size } }

    /// A cell has been put into the session's queue.
    ///
    /// - Parameter evaluations: the ids of its expressions, in their order.
    mutating func add(_ cell: Cell, id: String, evaluations ids: [String]) {
        cells[id] = cell
        for (name, evaluation) in zip(cell.expressions, ids) {
            evaluations[evaluation] = Evaluation(cell: id, name: name)
        }
        // What could not be queued is not waited for.
        cells[id]?.expressions = Array(cell.expressions.prefix(ids.count))
    }

    /// That of a new session in this one's place: the history stays.
    var successor: KernelTranslator {
        var next = KernelTranslator()
        next.history = history
        next.sessionsBefore = sessionsBefore + epoch
        return next
    }

    // MARK: - Events

    /// The messages that an event becomes.
    mutating func take(_ event: SessionEvent) -> [Draft] {
        let missed = hasGap ? closeGap(event) : []
        return missed + translate(event)
    }

    private mutating func translate(_ event: SessionEvent) -> [Draft] {
        if event.epoch != epoch {
            epoch = event.epoch
            if case .restored = event.kind {} else { count = 0 }
        }
        switch event.kind {
        case .created: return [status("starting", JSONParts.empty)]
        case .state(let state): return entered(state)
        case .executionStarted(let id, let code): return begin(id, code)
        case .output(_, let stream, let text, _): return [Self.stream(stream.rawValue, text.lossyText, lastParent)]
        case .display(let id, let display): return [show(display, parent(id))]
        case .clear(let id, let wait):
            return [iopub("clear_output", parent(id)) { $0.member("wait", wait) }]
        case .result(let id, let value, _): return result(id, value)
        case .error(let id, let error): return self.error(id, error)
        case .executionFinished(let id, let status, _, _, let limit): return finish(id, status, limit)
        case .inputRequest(let id, let token, let prompt, let isPassword):
            let request = cells[id]?.request ?? .unknown
            openInput = OpenInput(token: token, line: request.line)
            return [
                draft(request.line, .stdin, "input_request", request.parent) { output in
                    output.member("prompt", prompt.lossyText)
                    output.member("password", isPassword)
                }
            ]
        case .inputReceived:
            openInput = nil
            return []
        case .restarted:
            openInput = nil
            running = nil
            hasStarted = false
            // Not `restarting`, which says that a kernel has died and is replaced unasked.
            return [status("starting", JSONParts.empty)]
        case .warning(let message): return [Self.note(message, lastParent)]
        case .closing(let reason, let seconds): return [Self.note(Self.text(reason, seconds), lastParent)]
        case .ended(let end):
            openInput = nil
            running = nil
            // Who has closed it knows.
            let told =
                end.verdict == SessionEnd.Verdict.closed
                ? [] : [Self.note("the kernel has ended (\(end.verdict)): \(end.reason)", lastParent)]
            return told + [status("dead", JSONParts.empty)]
        case .interrupted, .checkpoint, .restored, .stored, .checkpointDropped, .takenOver: return []
        }
    }

    private mutating func entered(_ state: SessionState) -> [Draft] {
        // The states of cells are told with their cells.
        guard state == .idle, !hasStarted else { return [] }
        hasStarted = true
        return [status("idle", JSONParts.empty)]
    }

    private func parent(_ id: String?) -> [UInt8] { id.flatMap { cells[$0]?.request.parent } ?? lastParent }

    /// - Parameter code: nil when the event that had it is lost.
    mutating func begin(_ id: String, _ code: String?) -> [Draft] {
        hasStarted = true
        running = id
        guard evaluations[id] == nil else { return [] }
        var cell = cells[id] ?? Cell()
        cell.hasBegun = true
        cell.count = cell.isSilent ? count : noteInput(code ?? "", storesHistory: cell.storesHistory)
        lastParent = cell.request.parent
        cells[id] = cell
        let busy = status("busy", cell.request.parent)
        guard !cell.isSilent, let code else { return [busy] }
        let number = cell.count
        return [
            busy,
            iopub("execute_input", cell.request.parent) { output in
                output.member("code", code)
                output.member("execution_count", number)
            },
        ]
    }

    /// Counts an input.
    ///
    /// - Returns: its number.
    mutating func noteInput(_ code: String, storesHistory: Bool) -> Int {
        guard storesHistory else { return count + 1 }
        count += 1
        history.add(.init(session: interpreter, line: count, input: code, output: nil))
        return count
    }

    private mutating func result(_ id: String, _ value: CellValue) -> [Draft] {
        if evaluations[id] != nil {
            evaluations[id]?.result = value
            return []
        }
        guard let cell = cells[id], !cell.isSilent else { return [] }
        if cell.storesHistory { history.note(output: value.repr, session: interpreter, line: cell.count) }
        return [
            iopub("execute_result", cell.request.parent) { output in
                output.member("execution_count", cell.count)
                output.data(value)
            }
        ]
    }

    private mutating func error(_ id: String, _ error: CellError) -> [Draft] {
        if evaluations[id] != nil {
            evaluations[id]?.error = error
            return []
        }
        cells[id]?.error = error
        return [iopub("error", parent(id)) { $0.error(error) }]
    }

    private mutating func finish(_ id: String, _ status: CellStatus, _ limit: SessionLimitReport?) -> [Draft] {
        if running == id { running = nil }
        if openInput != nil { openInput = nil }
        if let evaluation = evaluations.removeValue(forKey: id) { return evaluated(evaluation) }
        guard var cell = cells[id] else { return [] }
        var drafts: [Draft] = []
        if !cell.hasBegun { drafts.append(self.status("busy", cell.request.parent)) }
        switch status {
        case .ok: break
        case .error:
            // There always is one; a driver may have said nothing.
            cell.error = cell.error ?? CellError(exception: "Error", message: "the cell failed", traceback: [])
        case .limit:
            let error = Self.error(of: limit)
            drafts.append(Self.note(error.message, cell.request.parent))
            if cell.error == nil { drafts.append(iopub("error", cell.request.parent) { $0.error(error) }) }
            cell.error = error
        case .interrupted:
            guard cell.error == nil else { break }
            let error = CellError(
                exception: "KeyboardInterrupt", message: "the cell was interrupted", traceback: ["KeyboardInterrupt"])
            drafts.append(iopub("error", cell.request.parent) { $0.error(error) })
            cell.error = error
        case .aborted where cell.hasBegun:
            // Its interpreter has ended under it. A client that waits for it must not take that for success.
            cell.error = CellError(
                exception: "KernelDied", message: "the interpreter ended, or began anew, while the cell ran",
                traceback: [])
        case .aborted:
            cells[id] = nil
            return drafts + reply(cell, isAborted: true)
        }
        if status == .ok, !cell.expressions.isEmpty {
            cells[id] = cell
            return drafts
        }
        cells[id] = nil
        return drafts + reply(cell, isAborted: false)
    }

    /// An expression behind a cell has been evaluated; the last one lets the cell's reply go.
    private mutating func evaluated(_ evaluation: Evaluation) -> [Draft] {
        guard var cell = cells[evaluation.cell] else { return [] }
        var output = JSONBytes(size: 256)
        output.open()
        if let value = evaluation.result, evaluation.error == nil {
            output.member("status", "ok")
            output.data(value)
        } else {
            output.member("status", "error")
            output.error(
                evaluation.error
                    ?? CellError(exception: "NoValue", message: "the expression gave no value", traceback: []))
        }
        output.close()
        cell.values.append((evaluation.name, output.bytes))
        cell.expressions.removeAll { $0 == evaluation.name }
        guard cell.expressions.isEmpty else {
            cells[evaluation.cell] = cell
            return []
        }
        cells[evaluation.cell] = nil
        return reply(cell, isAborted: false)
    }
}
