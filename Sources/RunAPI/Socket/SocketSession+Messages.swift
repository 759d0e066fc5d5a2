internal import APIFormat
internal import HTTPInterface
internal import RunExecution
internal import RunModel
internal import RunService
internal import ServiceMetrics
internal import StrictJSON
internal import Synchronization

/// Carries out messages.
extension SocketSession {
    /// Handles a text message.
    func handle(_ bytes: [UInt8], _ part: (any SocketPart)?, _ group: inout DiscardingTaskGroup) async {
        let limits = JSONLimits(bytes: services.settings.maximumMessage)
        let message: ClientMessage
        do throws(ClientMessage.Failure) {
            let object = try await LongWork.run(bytes.count) { () throws(ClientMessage.Failure) in
                try ClientMessage.object(bytes, limits: limits)
            }
            if let part, part.handles(object) {
                services.metrics.messages.add(1, ["session"])
                return await part.handle(object, &group)
            }
            message = try await LongWork.run(bytes.count) { () throws(ClientMessage.Failure) in
                try ClientMessage.parse(object)
            }
        } catch {
            services.metrics.messages.add(1, ["invalid"])
            await send(error.error, ref: error.ref, runID: nil)
            return
        }
        services.metrics.messages.add(1, [message.kind.name])
        do throws(APIError) {
            guard let answer = try await handle(message, &group) else { return }
            await send(answer)
        } catch {
            await send(error, ref: message.ref, runID: message.kind.runID)
        }
    }

    /// Handles input of a program, in a frame of its own.
    func handle(binary bytes: [UInt8]) async {
        services.metrics.messages.add(1, ["binary_stdin"])
        guard let frame = BinaryFrame(decoding: bytes), frame.channel == .stdin, frame.sequence == 0 else {
            await send(
                APIError(.invalidRequest, "a binary frame is channel 0, 16 bytes run id, 8 bytes 0, then the input"),
                ref: nil, runID: nil)
            return
        }
        do throws(APIError) {
            try controlled(frame.runID).type(frame.payload, end: frame.payload.isEmpty)
        } catch {
            await send(error, ref: nil, runID: frame.runID)
        }
    }

    /// - Returns: the answer, if the message has an immediate one.
    private func handle(
        _ message: ClientMessage, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) -> [UInt8]? {
        switch message.kind {
        case .execute(let submission): try await execute(submission, message.ref, &group)
        case .attach(let id, let from, let mode):
            return try attach(id, from: from, mode: mode, message.ref, &group)
        case .detach(let id):
            guard let run = followed.withLock({ $0.removeValue(forKey: id) }) else { throw notFollowed(id) }
            // Requested by the client, so this is no disconnect.
            run.attachment?.detach()
            run.subscription.cancel()
            return ServerMessage.detached(runID: id, ref: message.ref).line
        case .stdin(let id, let data, let end): try controlled(id).type(data, end: end)
        case .inputResponse(let id, let token, let data, let end):
            try controlled(id).type(data, end: end, token: token)
        case .signal(let id, let number): try running(id).control.signal(number)
        case .resize(let id, let size): try running(id).control.resize(size)
        case .cancel(let id): services.runs.cancel(try controlled(id))
        case .ping: return ServerMessage.pong(ref: message.ref).line
        }
        return nil
    }

    private func execute(
        _ submission: Submission, _ ref: String?, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) {
        do throws(InterfaceError) { try request.countRequest() } catch { throw APIError(error) }
        try checkRoom()
        let record = try await request.traced("execute") { () async throws(APIError) -> RunRecord in
            try await services.runs.submit(
                submission, owner: caller.owner, client: caller.client,
                origin: RunOrigin(address: caller.address, requestID: request.id), concurrent: caller.concurrent,
                isConnected: true, interactiveByDefault: true)
        }
        follow(
            FollowedRun(
                record: record, subscription: record.log.subscribe(lossless: true),
                attachment: RunAttachment(record, services.runs)), ref: ref, after: nil, &group)
    }

    private func attach(
        _ id: RunID, from: Int64, mode: AttachMode, _ ref: String?, _ group: inout DiscardingTaskGroup
    ) throws(APIError) -> [UInt8]? {
        let record = try services.runs.record(id, owner: caller.owner)
        guard followed.withLock({ $0[id] }) == nil else {
            throw APIError(.invalidRequest, "this socket follows that run already; detach first")
        }
        try checkRoom()
        let controls = mode == .control && record.state != .finished
        let run = FollowedRun(
            record: record, subscription: record.log.subscribe(from: from, lossless: controls),
            attachment: controls ? RunAttachment(record, services.runs) : nil)
        let answer = ServerMessage.attached(
            runID: id, state: record.state, nextSequence: record.log.extent.next, mode: mode, ref: ref
        ).line
        follow(run, ref: nil, after: answer, &group)
        return nil
    }

    private func checkRoom() throws(APIError) {
        guard followed.withLock({ $0.count }) < services.settings.maximumRunsPerSocket else {
            throw APIError(
                .tooManyRuns, "one socket follows at most \(services.settings.maximumRunsPerSocket) runs",
                retryable: true)
        }
    }

    private func notFollowed(_ id: RunID) -> APIError {
        APIError(.runNotFound, "this socket does not follow a run \(id)")
    }

    /// A run this socket may act on.
    private func controlled(_ id: RunID) throws(APIError) -> RunRecord {
        guard let run = followed.withLock({ $0[id] }) else {
            let record = try services.runs.record(id, owner: caller.owner)
            throw record.state == .finished
                ? APIError(.runFinished, "the run has finished") : notFollowed(id)
        }
        guard run.attachment != nil else { throw APIError(.readOnly, "this socket only observes that run") }
        return run.record
    }

    private func running(_ id: RunID) throws(APIError) -> RunRecord {
        let record = try controlled(id)
        guard record.state != .finished else { throw APIError(.runFinished, "the run has finished") }
        return record
    }
}
