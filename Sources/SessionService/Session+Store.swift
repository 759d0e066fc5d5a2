internal import Dispatch
internal import EgressRules
internal import LinuxSystem
package import RunModel
internal import RunService
internal import SandboxSpec
internal import SessionExecution
package import SessionModel
internal import Synchronization

/// Saving a session, so that it can be resumed when this service, or another one, has been started anew.
extension Session {
    /// Saves what can be saved; the one that was saved before is replaced. Waits for the disk.
    ///
    /// - Parameter name: of the checkpoint.
    /// - Returns: what is not in it, and why.
    /// - Throws: `NOT_SUPPORTED` where nothing is stored; `SESSION_ENDED`, `SESSION_BUSY` unless it is idle,
    ///   `TOO_MANY_STORED_SESSIONS`, `FILES_FAILED`, `OVERLOADED` when the disk refuses.
    @discardableResult
    package func save(as name: String) async throws(APIError) -> [SessionLoss] {
        guard let store else {
            throw APIError(.notSupported, "this service stores no sessions (session_store is off)")
        }
        let live = try living()
        let (id, owner) = (id, identity.owner)
        let draft = try await Self.onDisk { () throws(APIError) in try store.begin(id, owner: owner) }
        do throws(APIError) {
            let (state, snapshot) = try await live.save(to: draft.archive)
            let document = document(name, state, snapshot)
            try await Self.onDisk { () throws(APIError) in try store.commit(draft, document) }
            live.stored(name, lost: state.lost)
            return state.lost
        } catch {
            store.abandon(draft)
            throw error
        }
    }

    /// Saves it, if that can be done, and ends it.
    func saveAndClose(reason: String) async {
        do throws(APIError) {
            // One that is being saved already, as an idle one is, is not cut off: it has a minute.
            var tries = 0
            while store?.isWriting(id) == true, tries < 600 {
                tries += 1
                do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
            }
            guard state.withLock({ $0.live != nil }) else { return }
            try await save(as: reason)
        } catch {
            state.withLock { $0.live }?.warn("the session could not be saved: \(error.message)")
        }
        close(reason: reason)
    }

    private func document(_ name: String, _ state: SavedState, _ snapshot: SessionSnapshot) -> StoredSession {
        let request = identity.request
        var after: Int64?
        if case .close(let time) = identity.onDisconnect { after = time / 1_000_000_000 }
        return StoredSession(
            metadata: .init(
                session_id: id.description, owner: identity.owner.description, name: identity.name,
                tags: identity.tags, language: identity.language, policy: identity.policy,
                created_at: identity.createdAt, updated_at: Timestamp.now(), checkpoint: name, epoch: snapshot.epoch,
                next_seq: log.next, turns: snapshot.executed),
            messages: messages(),
            context: .init(
                archive: "", archive_bytes: 0, archive_sha256: "", state_file: state.stateFile, files: state.files,
                replay: state.replay.map {
                    .init(execution_id: $0.id, code: $0.code, inputs: $0.inputs, failed: $0.failed ? true : nil)
                },
                lost: state.lost.prefix(SessionLoss.maximum).map { .init(name: $0.name, reason: $0.reason) }),
            config: .init(
                language: request.language, policy: request.policy, env: request.environment, limits: request.limits,
                network: request.network?.access.name,
                network_hosts: request.network?.hosts?.map(\.description), session: request.session,
                on_limit: request.onLimit,
                on_idle: request.onIdle, on_disconnect_close: after))
    }

    /// The cells that are known, those of before it was resumed among them: within the bytes that a history may have.
    func messages() -> [StoredSession.Message] {
        var messages = resumed?.messages ?? []
        var places: [String: Int] = [:]
        for logged in log.kept {
            guard let id = logged.event.executionID else { continue }
            if case .executionStarted(_, let code) = logged.event.kind {
                places[id] = messages.count
                messages.append(
                    .init(
                        execution_id: id, code: String(code.prefix(65_536)), output: "",
                        timestamp: logged.event.time))
            }
            guard let place = places[id] else { continue }
            messages[place].take(logged.event.kind)
        }
        // The oldest go first.
        var (bytes, first) = (0, messages.count)
        while first > 0, bytes + messages[first - 1].bytes <= identity.limits.historyBytes,
            messages.count - first < 4096
        {
            first -= 1
            bytes += messages[first].bytes
        }
        return Array(messages[first...])
    }

    /// On a thread that may wait for the disk.
    static func onDisk<Value: Sendable>(
        _ body: @escaping @Sendable () throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        let result: Result<Value, APIError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(APIError) in try body() })
            }
        }
        return try result.get()
    }
}

extension StoredSession.Message {
    private static let maximumText = 16_384

    var bytes: Int {
        256 + code.utf8.count + output.utf8.count + (result?.utf8.count ?? 0) + (error?.utf8.count ?? 0)
    }

    fileprivate mutating func take(_ kind: SessionEvent.Kind) {
        switch kind {
        case .output(_, _, let text, isBackground: false):
            let room = Self.maximumText - output.utf8.count
            if room > 0 { output += text.lossyText.prefix(room) }
        case .result(_, let value, _): result = String(value.repr.prefix(Self.maximumText))
        case .error(_, let value): error = String("\(value.exception): \(value.message)".prefix(Self.maximumText))
        case .executionFinished(_, let status, _, _, _): self.status = status.rawValue
        default: break
        }
    }
}
