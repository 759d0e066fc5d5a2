package import RunModel
package import SessionModel
internal import WardenProtocol

/// What clients ask for.
extension SessionEngine {
    /// Of the code of all cells that wait: what 16 of the largest have.
    static let maximumQueuedBytes = 16 * CellRequest.maximumCodeBytes

    /// Puts a cell into the queue; it begins when those before it have ended.
    ///
    /// - Returns: its id.
    /// - Throws: `SESSION_ENDED`, `TOO_MANY_CELLS`, `INVALID_LIMIT`, `SOURCE_TOO_LARGE`.
    package mutating func submit(_ request: CellRequest, now: Int64) throws(APIError) -> String {
        try refuseOver()
        let limits = try limits.cell.lowered(by: request.limits)
        guard cellCount < self.limits.cells else {
            throw APIError(.tooManyCells, "the session has had its \(self.limits.cells) cells")
        }
        guard queue.count < bounds.queue else {
            throw APIError(.tooManyCells, "\(bounds.queue) cells of the session wait already", retryable: true)
        }
        guard queue.reduce(request.code.utf8.count, { $0 + $1.request.code.utf8.count }) <= Self.maximumQueuedBytes
        else {
            throw APIError(
                .tooManyCells, "the cells that wait have more than \(Self.maximumQueuedBytes) bytes", retryable: true)
        }
        let id = "e\(cellCount + 1)"
        do {
            _ = try DriverCommand.execute(id: id, code: request.code, silent: request.silent).frame()
        } catch {
            throw APIError(.sourceTooLarge, "the code of the cell is too large: it makes \(error)")
        }
        cellCount += 1
        use(now)
        queue.append(QueuedCell(id: id, request: request, limits: limits))
        proceed(now)
        return id
    }

    /// Stops the cell that runs.
    ///
    /// - Returns: false when none does.
    /// - Throws: `SESSION_ENDED`; `NOT_SUPPORTED` of a driver that cannot.
    package mutating func interrupt(now: Int64) throws(APIError) -> Bool {
        try refuseOver()
        use(now)
        guard replaying == nil, case .running(var cell) = phase else { return false }
        switch cell.stage {
        case .draining: return false
        case .interrupting: return true
        case .busy, .waiting: break
        }
        try require("interrupt")
        cell.isInterrupted = true
        interrupt(cell, now)
        return true
    }

    /// Ends the interpreter and its sandbox, and begins a new one. The history and the files stay; variables and checkpoints do not.
    ///
    /// - Parameter keepsFiles: whether the files of /box are to be there again.
    /// - Throws: `SESSION_ENDED`.
    package mutating func restart(keepsFiles: Bool = true, now: Int64) throws(APIError) {
        try refuseOver()
        use(now)
        abandonWork(APIError(.sessionBusy, "the session was restarted", retryable: true), limit: nil, now)
        switch phase {
        case .idle, .running, .checkpointing:
            // Who asks for another interpreter does not want the cells that were saved to be executed in it.
            resumption = nil
            if keepsFiles { return keepFiles(now) }
            carriesFiles = false
            beginAgain(files: FilesResult(), lost: nil, now)
        // It is being restarted already, and begins when its files are safe; or at once, if nobody wants them any more.
        case .keeping:
            guard !keepsFiles else { break }
            resumption = nil
            carriesFiles = false
            beginAgain(files: FilesResult(), lost: nil, now)
        case .starting, .filling:
            if !keepsFiles || refilling != nil { resumption = nil }
            // What the interpreter before this one has left is still kept; also while it is put back a second time, after cells.
            carriesFiles = (carriesFiles || refilling != nil) && keepsFiles
            beginAgain(files: carried, lost: nil, now)
        case .ending, .ended: break
        }
    }

    /// Answers a request for input. A newline is added where there is none.
    ///
    /// - Parameter token: of the newest request; that one is meant when nil.
    /// - Throws: `INPUT_TOKEN_STALE`, `SESSION_ENDED`, `INVALID_REQUEST`.
    package mutating func input(_ bytes: [UInt8], token: String?, now: Int64) throws(APIError) {
        try refuseOver()
        guard bytes.count <= bounds.inputBytes else {
            throw APIError(.invalidRequest, "the input has \(bytes.count) bytes, allowed are \(bounds.inputBytes)")
        }
        guard case .running(var cell) = phase, case .waiting(let newest, _) = cell.stage else {
            throw APIError(.inputTokenStale, "nothing waits for input")
        }
        guard token == nil || token == newest else {
            throw APIError(
                .inputTokenStale, "the token is not that of the newest request for input", details: ["token": newest])
        }
        use(now)
        cell.stopWaiting(now)
        // Without all of them, the cell is interrupted when it is executed again, and that is told.
        if isRemembering,
            cell.inputs.reduce(bytes.count, { $0 + $1.utf8.count }) <= RunningCell.maximumInputBytes
        {
            cell.inputs.append(String(decoding: bytes, as: UTF8.self))
        }
        phase = .running(cell)
        act(.write(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")]))
        emit(.inputReceived(cell.id, token: newest), now)
        enter(.busy, now)
    }

    /// Asks the interpreter something; the answer comes as an action.
    ///
    /// - Parameter reply: names the answer.
    /// - Throws: `SESSION_ENDED`, `NOT_SUPPORTED`, `TOO_MANY_QUERIES`, `SOURCE_TOO_LARGE`.
    package mutating func query(_ query: SessionQuery, reply: Int, now: Int64) throws(APIError) {
        try refuseOver()
        if hasInterpreter { try require(query.feature) }
        guard queries.list.count < bounds.queries else {
            throw APIError(
                .tooManyQueries, "\(bounds.queries) questions to the session are not answered yet", retryable: true)
        }
        do {
            _ = try DriverCommand.query(id: "q999999", query).frame()
        } catch {
            throw APIError(.sourceTooLarge, "the code of the question is too large: it makes \(error)")
        }
        use(now)
        queries.add(query, reply: reply, until: now &+ bounds.query)
        proceed(now)
    }

    /// Ends the session by a client's wish, or the service's. Without effect once it ends.
    package mutating func close(reason: String, now: Int64) {
        end(SessionEnd.Verdict.closed, reason, now)
    }

    /// Nobody is connected any more: the session ends at this moment unless somebody comes back. Nil: somebody has.
    package mutating func leave(at moment: Int64?, now: Int64) {
        guard !isOver else { return }
        leaveAt = moment
        if let moment { emit(.closing(.disconnected, seconds: Self.seconds(moment - now)), now) }
    }

    /// Another connection has taken control.
    package mutating func takenOver(now: Int64) {
        guard !isOver else { return }
        emit(.takenOver, now)
    }

    func refuseOver() throws(APIError) {
        switch phase {
        case .ending, .ended: throw Self.over()
        case .starting, .keeping, .filling, .idle, .running, .checkpointing: break
        }
    }

    func require(_ feature: String) throws(APIError) {
        guard features.contains(feature) else {
            throw APIError(.notSupported, "the driver of this language does not know \(feature)")
        }
    }

    static func seconds(_ nanoseconds: Int64) -> Double { (Double(nanoseconds) / 1000).rounded() / 1_000_000 }
}
