internal import RunModel
package import SessionModel
internal import StrictJSON

/// What the driver says. It is foreign code: what it cannot say now ends the session.
extension SessionEngine {
    /// - Parameters:
    ///   - size: bytes of the record.
    ///   - unknownMember: a member of the record that means nothing.
    package mutating func record(_ record: DriverRecord, size: Int = 0, unknownMember: String? = nil, now: Int64) {
        switch phase {
        case .keeping, .ending, .ended: return
        case .starting, .filling, .idle, .running, .checkpointing: break
        }
        if let unknownMember, !hasWarned {
            hasWarned = true
            emit(.warning("the driver's records have a member that is unknown, and ignored: \(unknownMember)"), now)
        }
        switch record {
        case .ready(let ready): self.ready(ready, now)
        case .display(let id, let display):
            guard accepts(id) else { return violate("display of \(id), which has not begun", now) }
            show(.display(id, display), bytes: max(display.size, size), now)
        case .clear(let id, let wait):
            guard accepts(id) else { return violate("clear of \(id), which has not begun", now) }
            show(.clear(id, wait: wait), bytes: max(64, size), now)
        case .result(let id, let value): result(id, value, now)
        case .error(let id, let error): self.error(id, error, now)
        case .done(let id, let status): done(id, status, now)
        case .answer(let id, let object):
            do throws(DriverRecordError) {
                try answer(id, object, now)
            } catch {
                violate(error.description, now)
            }
        case .restored(let id, let name):
            guard case .checkpointing(let step) = phase, case .restore(let wanted) = step.kind, step.id == id,
                wanted == name
            else { return violate("restored of \(id), which nobody asked for", now) }
            tookOver(step, now)
        case .password(let id, let isOn):
            guard accepts(id) else { return violate("password of \(id), which has not begun", now) }
            // Of a thread that an earlier cell has left behind: nobody is asked.
            guard var cell = running(id) else { return }
            cell.readsPassword = isOn
            phase = .running(cell)
        }
    }

    /// The driver, or what speaks for it, has said what no driver says. Ends the session.
    package mutating func violate(_ what: String, now: Int64) { violate(what, now) }

    mutating func violate(_ what: String, _ now: Int64) {
        end(
            SessionEnd.Verdict.internalError,
            "the driver, or code that wrote to its descriptor, broke the protocol: \(what)", now)
    }

    private mutating func ready(_ ready: DriverRecord.Ready, _ now: Int64) {
        if case .checkpointing(let step) = phase, case .restore = step.kind {
            // The interpreter that takes over may say what it is before it says that it has.
            features = ready.features
            return
        }
        guard case .starting = phase else { return violate("ready, for the second time", now) }
        features = ready.features
        if carriesFiles { return fillFiles(now) }
        phase = .idle
        use(now)
        proceed(now)
    }

    /// A thread that a cell has left behind may still show something, also when the next one has begun.
    private func accepts(_ id: String) -> Bool {
        if case .starting = phase { return false }
        guard let lastCell, id.hasPrefix("e"), let last = Int(lastCell.dropFirst()) else { return false }
        return id == lastCell || (1..<last).contains(Int(id.dropFirst()) ?? 0)
    }

    private func running(_ id: String) -> RunningCell? {
        guard case .running(let cell) = phase, cell.id == id, cell.doneStatus == nil else { return nil }
        return cell
    }

    private mutating func result(_ id: String, _ value: CellValue, _ now: Int64) {
        guard var cell = running(id) else { return violate("result of \(id), which does not run", now) }
        guard cell.result == nil else { return violate("result of \(id), for the second time", now) }
        cell.result = (value, Self.seconds(now - cell.startedAt))
        phase = .running(cell)
    }

    private mutating func error(_ id: String, _ error: CellError, _ now: Int64) {
        guard var cell = running(id) else { return violate("error of \(id), which does not run", now) }
        guard cell.error == nil else { return violate("error of \(id), for the second time", now) }
        cell.error = error
        phase = .running(cell)
    }

    private mutating func done(_ id: String, _ status: DriverRecord.DoneStatus, _ now: Int64) {
        guard var cell = running(id) else { return violate("done of \(id), which does not run", now) }
        if case .waiting(_, let since) = cell.stage { cell.waited += now - since }
        cell.stage = .draining(status)
        phase = .running(cell)
        act(.drain)
    }

    private mutating func answer(_ id: String, _ object: JSONObject, _ now: Int64) throws(DriverRecordError) {
        if case .checkpointing(let step) = phase, step.id == id {
            switch step.kind {
            case .save, .load: return savingAnswered(step, try DriverReply(losses: object), now)
            case .keep, .refill, .pack, .tidy, .abandon:
                throw DriverRecordError("answer to \(id), which nobody asked")
            case .make, .restore, .drop: break
            }
            var wantsReference = false
            if case .make = step.kind { wantsReference = true }
            checkpointAnswered(step, try DriverReply(object, wantsReference: wantsReference), now)
            return
        }
        switch queries.take(id) {
        case .query(let query):
            switch try DriverReply(object, to: query.query) {
            case .answer(let answer): act(.answer(query.reply, .success(answer)))
            case .failed(let reason): act(.answer(query.reply, .failure(.init(.queryFailed, reason))))
            }
        case .late: break
        case .unknown: throw DriverRecordError("answer to \(id), which nobody asked")
        }
    }
}
