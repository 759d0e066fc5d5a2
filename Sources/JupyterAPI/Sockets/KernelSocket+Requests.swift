internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import StrictJSON
internal import Synchronization

/// Carries out requests, one after the other; questions to the interpreter are answered when it has answered them.
extension KernelSocket {
    func handle(_ message: ClientMessage, _ group: inout DiscardingTaskGroup) async {
        let origin = KernelTranslator.Request(
            line: attachment.line, parent: message.header, channel: message.channel)
        do throws(APIError) {
            try await carryOut(try KernelRequest(message), origin, &group)
        } catch {
            services.httpMetrics.failed(error.code.rawValue)
            guard message.type.hasSuffix("_request") else {
                return hub.post { [$0.note(error, origin)] }
            }
            let type = message.type.dropLast("request".count) + "reply"
            hub.post { $0.refusal(origin, String(type), error) }
        }
    }

    private func carryOut(
        _ wanted: KernelRequest, _ origin: KernelTranslator.Request, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) {
        let session = hub.session
        switch wanted {
        case .ignored: break
        case .kernelInfo:
            let write = KernelReplies.info(hub.language, version: services.settings.version)
            hub.post { $0.answer(origin, "kernel_info_reply", write) }
        case .execute(let execute): try await self.execute(execute, origin, &group)
        case .query(let query):
            guard session.end == nil else { throw ended(session) }
            ask(KernelReplies.type(of: query), origin, &group) { [hub] () async throws(APIError) in
                let (type, write) = KernelReplies.answer(try await session.query(query))
                hub.post { $0.answer(origin, type, write) }
            }
        case .history(let history): await answer(history, origin)
        case .commInfo:
            hub.post {
                $0.answer(origin, "comm_info_reply") { output in
                    output.member("status", "ok")
                    output.part("comms", JSONParts.empty)
                }
            }
        case .commOpen(let id): hub.post { $0.refuseComm(id, origin) }
        case .inputReply(let bytes): try await input(bytes, session)
        case .interrupt:
            _ = try await session.interrupt()
            hub.post { $0.answer(origin, "interrupt_reply") { $0.member("status", "ok") } }
        case .shutdown(let restarts): try await shutDown(restarts: restarts, origin)
        case .connect:
            throw APIError(.notSupported, "the kernel has no sockets of its own: its channels are this WebSocket")
        case .debug(let sequence, let command): hub.post { $0.refuseDebug(sequence, command, origin) }
        }
    }

    private func ended(_ session: Session) -> APIError {
        APIError(
            .sessionEnded, "the kernel has ended: \(session.end?.reason ?? "its session is closed"); restart it first")
    }

    private func execute(
        _ execute: ExecuteRequest, _ origin: KernelTranslator.Request, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) {
        do throws(InterfaceError) { try request.countRequest() } catch { throw APIError(error) }
        guard hub.session.end == nil else { throw ended(hub.session) }
        guard hub.hasRoom(for: execute.code.utf8.count) else {
            throw APIError(
                .tooManyCells,
                "the kernel has \(KernelHub.maximumCells) cells that wait, or \(KernelHub.maximumCellBytes) bytes of them",
                retryable: true)
        }
        if hub.language.language == "python", let pager = PagerRequest(execute.code) {
            return page(pager, execute, origin, &group)
        }
        try await request.traced("execute") { () async throws(APIError) in
            try await hub.submit(execute, origin)
        }
    }

    private func page(
        _ pager: PagerRequest, _ execute: ExecuteRequest, _ origin: KernelTranslator.Request,
        _ group: inout DiscardingTaskGroup
    ) {
        let session = hub.session
        ask("execute_reply", origin, &group) { [hub] () async throws(APIError) in
            var (found, data): (Bool, [MimeItem]) = (false, [])
            if case .inspection(let isFound, let items) = try await session.query(pager.query) {
                (found, data) = (isFound, items)
            }
            let (isFound, items) = (found, data)
            hub.post { $0.page(execute, origin, name: pager.name, found: isFound, data: items) }
        }
    }

    /// Asks the interpreter in a task of its own: messages behind it, such as an interrupt, do not wait.
    ///
    /// - Parameter type: of the reply when it fails.
    private func ask(
        _ type: String, _ origin: KernelTranslator.Request, _ group: inout DiscardingTaskGroup,
        _ body: @escaping @Sendable () async throws(APIError) -> Void
    ) {
        let isAllowed = waiting.withLock { waiting in
            guard waiting < services.settings.queriesPerSocket else { return false }
            waiting += 1
            return true
        }
        guard isAllowed else {
            let error = APIError(
                .rateLimited, "this socket waits for \(services.settings.queriesPerSocket) answers already",
                retryable: true)
            return hub.post { $0.refusal(origin, type, error) }
        }
        group.addTask { [self] in
            do throws(APIError) {
                try await body()
            } catch {
                hub.post { $0.refusal(origin, type, error) }
            }
            waiting.withLock { $0 -= 1 }
        }
    }

    private func answer(_ request: HistoryRequest, _ origin: KernelTranslator.Request) async {
        let (history, session) = hub.history
        // A pattern is compared with all of it.
        let entries = await LongWork.run(.max) { history.find(request, session: session) }
        let write = KernelReplies.history(entries, withOutputs: request.withOutputs)
        hub.post { $0.answer(origin, "history_reply", write) }
    }

    /// Only the client that was asked may answer.
    private func input(_ bytes: [UInt8], _ session: Session) async throws(APIError) {
        guard let open = hub.openInput, open.line == attachment.line else {
            throw APIError(.inputTokenStale, "nothing waits for input of this client")
        }
        try await session.input(bytes, token: open.token)
    }

    private func shutDown(restarts: Bool, _ origin: KernelTranslator.Request) async throws(APIError) {
        do throws(InterfaceError) { try request.countRequest() } catch { throw APIError(error) }
        if restarts {
            try await services.kernels.restart(
                hub, origin: RunOrigin(address: request.caller.address, requestID: request.id))
        }
        hub.post {
            $0.answer(origin, "shutdown_reply") { output in
                output.member("status", "ok")
                output.member("restart", restarts)
            }
        }
        if !restarts { services.kernels.shutDown(hub) }
    }
}

extension KernelTranslator {
    /// An error of a message that has no reply.
    func note(_ error: APIError, _ request: Request) -> Draft { Self.note(error.message, request.parent) }

    /// There are no comms here: one that is opened is closed.
    func refuseComm(_ id: String, _ request: Request) -> [Draft] {
        let close = iopub("comm_close", request.parent) { output in
            output.member("comm_id", id)
            output.part("data", JSONParts.empty)
        }
        return answer(request, nil, more: [close])
    }

    /// In the format of the Debug Adapter Protocol, which such messages carry.
    func refuseDebug(_ sequence: Int64, _ command: String, _ request: Request) -> [Draft] {
        answer(request, "debug_reply") { output in
            output.member("type", "response")
            output.member("request_seq", sequence)
            output.member("success", false)
            output.member("command", command)
            output.member("message", "there is no debugger here")
        }
    }
}
