package import RunModel
internal import SandboxSpec
internal import SessionModel

/// How cells begin, and end.
extension SessionEngine {
    /// Goes on with what waits, when nothing runs.
    mutating func proceed(_ now: Int64) {
        switch phase {
        case .idle:
            sendQueries(now)
            if queue.isEmpty {
                enter(.idle, now)
            } else {
                begin(queue.removeFirst(), now)
            }
        case .running: if features.contains("concurrent") { sendQueries(now) }
        case .starting, .keeping, .filling, .checkpointing, .ending, .ended: break
        }
    }

    private mutating func sendQueries(_ now: Int64) {
        for query in queries.takeUnsent() {
            guard features.contains(query.query.feature) else {
                // Asked for before the driver had said what it can.
                _ = queries.take(query.id)
                act(.answer(query.reply, .failure(unsupported(query.query.feature))))
                continue
            }
            act(.send(.query(id: query.id, query.query)))
        }
    }

    private func unsupported(_ feature: String) -> APIError {
        APIError(.notSupported, "the driver of this language does not know \(feature)")
    }

    private mutating func begin(_ cell: QueuedCell, _ now: Int64) {
        switch cell.request.transaction {
        case .commitAlways: run(cell, now)
        case .rollbackOnFailure: save(cell, as: "tx:\(cell.id)", now)
        case .explicit: save(cell, as: cell.id, now)
        }
    }

    private mutating func save(_ cell: QueuedCell, as name: String, _ now: Int64) {
        guard checkpoints[name] == nil else {
            return refuse(cell, "the session has a checkpoint \(name) already", now)
        }
        guard checkpointNames.count < bounds.checkpoints else {
            return refuse(cell, "the session has \(bounds.checkpoints) checkpoints already", now)
        }
        make(name, .before(cell), now)
    }

    /// A cell does not run because the state before it could not be kept.
    mutating func refuse(_ cell: QueuedCell, _ reason: String, _ now: Int64) {
        phase = .idle
        lastCell = cell.id
        emit(.executionStarted(cell.id, code: cell.request.code), now)
        emit(.error(cell.id, CellError(exception: "CheckpointError", message: reason, traceback: [])), now)
        emit(.executionFinished(cell.id, .error, seconds: 0, CellUsage(memoryPeak: usage.memoryPeak), nil), now)
        if cell.request.stopOnError { abortQueue(now) }
        proceed(now)
    }

    mutating func run(_ cell: QueuedCell, _ now: Int64) {
        lastCell = cell.id
        backgroundBytes = 0
        phase = .running(
            RunningCell(
                cell, onLimit: cell.request.onLimit ?? limits.onLimit, startedAt: now, cpu: usage.cpu))
        enter(.busy, now)
        emit(.executionStarted(cell.id, code: cell.request.code), now)
        act(.send(.execute(id: cell.id, code: cell.request.code, silent: cell.request.silent)))
        proceed(now)
    }

    /// Bytes that the interpreter, or something it left running, has written.
    package mutating func output(_ stream: OutputStream, _ bytes: [UInt8], now: Int64) {
        guard !bytes.isEmpty else { return }
        switch phase {
        case .running(var cell):
            let room = max(cell.limits.outputBytes - cell.outputBytes, 0)
            cell.outputBytes += bytes.count
            phase = .running(cell)
            pass(stream, bytes, room: room, isBackground: false, now)
            if cell.outputBytes > cell.limits.outputBytes { hit(outputReport(cell), cell, now) }
        case .idle, .starting, .filling, .checkpointing:
            let room = max(limits.cell.outputBytes - backgroundBytes, 0)
            backgroundBytes += min(bytes.count, room + 1)
            pass(stream, bytes, room: room, isBackground: true, now)
            if bytes.count > room, room > 0 {
                emit(
                    .warning("more than \(limits.cell.outputBytes) bytes between two cells: the rest waits or is lost"),
                    now)
            }
        case .keeping, .ending, .ended: break
        }
    }

    /// As much as there is room for, and no part of a character.
    private mutating func pass(
        _ stream: OutputStream, _ bytes: [UInt8], room: Int, isBackground: Bool, _ now: Int64
    ) {
        var bytes = bytes
        if bytes.count > room {
            var splitter = UTF8Splitter()
            bytes = splitter.push(bytes.prefix(room))
        }
        guard !bytes.isEmpty else { return }
        emit(.output(lastCell, stream, OutputText(bytes), isBackground: isBackground), now)
    }

    /// The interpreter reads, and there is nothing.
    ///
    /// - Parameter prompt: its last unfinished line.
    package mutating func inputAwaited(prompt: [UInt8], now: Int64) {
        guard case .running(var cell) = phase, case .busy = cell.stage else { return }
        if replaying != nil { return feedReplay(cell, now) }
        guard cell.request.allowsInput else { return act(.endInput) }
        tokenCount += 1
        let token = "i\(tokenCount)\(tokenStem)"
        cell.stage = .waiting(token: token, since: now)
        phase = .running(cell)
        // Its user's time begins: the session is not unused from the moment the cell was asked for.
        use(now)
        enter(.waiting, now)
        emit(.inputRequest(cell.id, token: token, prompt: OutputText(prompt), isPassword: cell.readsPassword), now)
    }

    /// The driver is told first: it takes no notice of a signal that it does not expect.
    mutating func interrupt(_ cell: RunningCell, _ now: Int64) {
        var cell = cell
        if case .waiting(_, let since) = cell.stage { cell.waited += now - since }
        cell.stage = .interrupting(.init(again: now &+ bounds.secondSignal, end: now &+ bounds.interrupting))
        phase = .running(cell)
        enter(.interrupting, now)
        act(.send(.interrupt(id: cell.id)))
        act(.interrupt)
    }

    /// The cell has come up against a limit of its own. Only the first one counts.
    mutating func hit(_ report: SessionLimitReport, _ cell: RunningCell, _ now: Int64) {
        guard cell.limit == nil else { return }
        var cell = cell
        cell.limit = report
        phase = .running(cell)
        switch cell.stage {
        case .draining, .interrupting: return
        case .busy, .waiting: break
        }
        if cell.onLimit == .interrupt, features.contains("interrupt") {
            interrupt(cell, now)
        } else {
            end(
                SessionEnd.Verdict.cellLimit, "cell \(cell.id) came up against its limit \(report.name)", limit: report,
                now)
        }
    }

    /// The sandbox's account of processor time, in nanoseconds, as a cell begins: what it has grown by at the end is the cell's.
    package mutating func metered(cpu: Int64) {
        guard case .running(var cell) = phase, cell.meterAtStart == nil else { return }
        cell.meterAtStart = cpu
        phase = .running(cell)
    }

    /// Both outputs have been read empty after the driver was done.
    ///
    /// - Parameters:
    ///   - cpu: the sandbox's account of processor time; nil when nobody could look.
    ///   - memory: bytes that it has now; nil when nobody has looked.
    package mutating func drained(now: Int64, cpu: Int64? = nil, memory: Int64? = nil) {
        guard case .running(var cell) = phase, let done = cell.doneStatus else { return }
        cell.metered(cpu)
        usage.memoryPeak = max(usage.memoryPeak, memory ?? 0)
        let status: CellStatus
        switch done {
        case .ok: status = cell.limit == nil ? .ok : .limit
        case .error: status = cell.limit == nil ? .error : .limit
        case .interrupted: status = cell.limit == nil ? .interrupted : .limit
        }
        if replaying != nil { return replayed(cell, status, now) }
        if cell.isInterrupted || cell.limit != nil { emit(.interrupted(cell.id, isKept: true), now) }
        finish(cell, status, cell.limit, now)
        use(now)
        phase = .idle
        remember(cell, status)
        if status != .ok, cell.request.stopOnError { abortQueue(now) }
        let name = "tx:\(cell.id)"
        if cell.request.transaction == .rollbackOnFailure, checkpoints[name] != nil {
            return status == .ok ? drop(name, .commit, now) : restore(name, .rollback, now)
        }
        proceed(now)
    }

    /// What a cell displays, or takes away, counts as its output.
    ///
    /// - Parameter bytes: how much; of an event without content, what it costs to pass it on.
    mutating func show(_ event: SessionEvent.Kind, bytes: Int, _ now: Int64) {
        switch phase {
        case .running(var cell):
            cell.outputBytes += bytes
            phase = .running(cell)
            if cell.outputBytes <= cell.limits.outputBytes {
                emit(event, now)
            } else {
                hit(outputReport(cell), cell, now)
            }
        case .idle, .checkpointing:
            guard backgroundBytes + bytes <= limits.cell.outputBytes else {
                backgroundBytes = limits.cell.outputBytes + 1
                return
            }
            backgroundBytes += bytes
            emit(event, now)
        case .starting, .keeping, .filling, .ending, .ended: break
        }
    }

    private func outputReport(_ cell: RunningCell) -> SessionLimitReport {
        SessionLimitReport("output", bytes: Int64(cell.outputBytes), of: Int64(cell.limits.outputBytes))
    }

    mutating func finish(_ cell: RunningCell, _ status: CellStatus, _ limit: SessionLimitReport?, _ now: Int64) {
        if let (value, seconds) = cell.result { emit(.result(cell.id, value, seconds: seconds), now) }
        if let error = cell.error { emit(.error(cell.id, error), now) }
        let used = CellUsage(
            cpu: cell.measuredCPU ?? max(usage.cpu - cell.cpuAtStart, 0), wall: now - cell.startedAt,
            memoryPeak: usage.memoryPeak, outputBytes: Int64(cell.outputBytes))
        emit(.executionFinished(cell.id, status, seconds: Self.seconds(now - cell.startedAt), used, limit), now)
    }

    mutating func abortQueue(_ now: Int64) {
        for cell in queue { emit(.executionFinished(cell.id, .aborted, seconds: 0, CellUsage(), nil), now) }
        queue = []
    }
}
