internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import ServiceMetrics
internal import SessionExecution
internal import SessionModel
internal import SessionService
internal import StrictJSON
internal import Synchronization

/// Carries out messages.
extension SessionLine {
    func handle(_ object: JSONObject, _ group: inout DiscardingTaskGroup) async {
        let message: SessionMessage
        do throws(SessionMessage.Failure) {
            message = try SessionMessage.parse(object, isPlain: own != nil)
        } catch {
            return await fail(error.error, ref: error.ref, own?.id)
        }
        do throws(APIError) {
            if let answer = try await carryOut(message, &group) { _ = await host.send([answer]) }
        } catch {
            await fail(error, ref: message.ref, message.id ?? own?.id)
        }
    }

    /// - Returns: the answer, if the message has an immediate one.
    private func carryOut(
        _ message: SessionMessage, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) -> [UInt8]? {
        switch message.kind {
        case .ping: return SessionAnswer.pong(ref: message.ref)
        case .heartbeat: return SessionAnswer.heartbeat
        case .create(let body):
            try countRequest()
            let session = try services.sessions.create(
                body, caller: caller, requestID: host.request.id, grace: services.settings.disconnectGrace)
            do throws(APIError) {
                try attach(session, message.ref, from: 1, mode: .control, takesOver: false, &group)
            } catch {
                // Nobody would ever know of it.
                session.close(reason: "its connection could not attach to it")
                throw error
            }
            return nil
        case .attach(let from, let mode, let takesOver):
            let session = try find(message.id)
            try attach(session, message.ref, from: from, mode: mode, takesOver: takesOver, &group)
            return nil
        case .detach:
            let id = try find(message.id).id
            guard detach(id) else { throw APIError(.invalidRequest, "this socket does not follow that session") }
            return SessionAnswer.detached(id, ref: message.ref)
        case .query(let query):
            // Not a command: observers may ask, too.
            let session = try find(message.id)
            try ask(session, message.ref, &group) { () async throws(APIError) in
                let answer = try await session.query(query)
                return { answer.write(to: &$0) }
            }
            return nil
        default: return try await command(message, try controlled(message.id), &group)
        }
    }

    /// Carries out what changes a session.
    private func command(
        _ message: SessionMessage, _ session: Session, _ group: inout DiscardingTaskGroup
    ) async throws(APIError) -> [UInt8]? {
        let ref = message.ref
        switch message.kind {
        case .close: session.close()
        case .execute(let cell):
            try countRequest()
            let id = try await host.request.traced("execute") { () async throws(APIError) -> String in
                try await session.submit(cell)
            }
            return SessionAnswer.accepted(session.id, execution: id, ref: ref)
        case .interrupt:
            let isInterrupted = try await session.interrupt()
            return SessionAnswer.answer(session.id, ref: ref) { output in
                output.open()
                output.key("interrupted")
                output.bool(isInterrupted)
                output.close()
            }
        case .input(let token, let data): try await session.input(data, token: token)
        case .restart:
            try countRequest()
            try await session.restart()
        case .checkpoint(let name):
            try countRequest()
            try ask(session, ref, &group) { () async throws(APIError) in
                let made = try await session.checkpoint(.make, name)
                return { output in made?.write(to: &output) }
            }
        case .restore(let name):
            try countRequest()
            try ask(session, ref, &group) { () async throws(APIError) in
                let restored = try await session.checkpoint(.restore, name)
                return { output in restored?.write(to: &output) }
            }
        case .dropCheckpoint(let name):
            try ask(session, ref, &group) { () async throws(APIError) in
                try await session.checkpoint(.drop, name)
                return Self.nothing
            }
        case .create, .attach, .detach, .query, .ping, .heartbeat: break
        }
        return nil
    }

    private static let nothing: @Sendable (inout JSONBytes) -> Void = { output in
        output.open()
        output.close()
    }

    private func attach(
        _ session: Session, _ ref: String?, from: Int64, mode: AttachMode, takesOver: Bool,
        _ group: inout DiscardingTaskGroup
    ) throws(APIError) {
        let answer = SessionAnswer.attached(session, mode: mode, next: session.summary.nextSequence, ref: ref)
        try follow(
            session, mode: mode, takesOver: takesOver, from: from,
            greeting: [answer] + [session.openRequest(before: from)].compactMap(\.self), &group)
    }

    /// Answers when the interpreter has, in a task of its own: messages behind it, such as an interrupt, do not wait.
    private func ask(
        _ session: Session, _ ref: String?, _ group: inout DiscardingTaskGroup,
        _ body: @escaping @Sendable () async throws(APIError) -> @Sendable (inout JSONBytes) -> Void
    ) throws(APIError) {
        let isAllowed = waiting.withLock { waiting in
            guard waiting < services.settings.queriesPerSocket else { return false }
            waiting += 1
            return true
        }
        guard isAllowed else {
            throw APIError(
                .rateLimited, "this socket waits for \(services.settings.queriesPerSocket) answers already",
                retryable: true)
        }
        group.addTask {
            do throws(APIError) {
                let write = try await body()
                _ = await self.host.send([SessionAnswer.answer(session.id, ref: ref, write)])
            } catch {
                await self.fail(error, ref: ref, session.id)
            }
            self.waiting.withLock { $0 -= 1 }
        }
    }

    private func countRequest() throws(APIError) {
        do throws(InterfaceError) { try host.request.countRequest() } catch { throw APIError(error) }
    }

    private func find(_ id: SessionID?) throws(APIError) -> Session {
        if let own, id == nil || id == own.id { return own }
        guard own == nil, let id else { throw APIError(.sessionNotFound, "this socket has another session") }
        return try services.sessions.find(id, owner: caller.owner)
    }

    /// The session of a command. One that this socket only observes is read-only for it, and so is one that another connection
    /// controls.
    private func controlled(_ id: SessionID?) throws(APIError) -> Session {
        let session = try find(id)
        if let followed = followed.withLock({ $0[session.id] }) {
            try followed.attachment.checkControl()
        } else if session.end == nil, session.summary.isControlled {
            throw APIError(.sessionControlled, "another connection controls the session; attach to it first")
        }
        return session
    }
}
