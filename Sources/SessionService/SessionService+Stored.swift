internal import EgressRules
internal import LinuxSystem
package import RunModel
package import RunService
internal import SandboxSpec
package import SessionModel
internal import Synchronization

/// Sessions that are saved on disk, and do not live.
extension SessionService {
    /// Starts a session that was saved: under its id, with what was saved of it.
    ///
    /// - Throws: `SESSION_NOT_FOUND` when nothing is stored under the id for this owner, `SESSION_BUSY` while it lives,
    ///   `SESSION_UNREADABLE` with the reason, and what `create` throws about its request, which is checked again.
    package func resume(
        _ id: SessionID, owner: RunOwner, origin: RunOrigin = RunOrigin()
    ) async throws(APIError) -> Session {
        guard let store else { throw APIError(.sessionNotFound, "there is no session \(id)") }
        try refuseLiving(id, owner)
        let (stored, files) = try await Session.onDisk { () throws(APIError) in
            let stored = try store.load(id, owner: owner)
            return (stored, try store.archive(of: stored))
        }
        let config = stored.config
        var request = SessionRequest(language: config.language)
        request.policy = config.policy
        request.name = stored.metadata.name
        request.tags = stored.metadata.tags
        request.environment = config.env
        request.limits = config.limits
        request.network = config.network.flatMap { NetworkAccess(name: $0) }.map { access in
            NetworkRequest(access, hosts: config.network_hosts.map { $0.compactMap { EgressRule($0) } })
        }
        request.session = config.session
        request.onLimit = config.on_limit
        request.onIdle = config.on_idle
        let after = config.on_disconnect_close.map { min(max($0, 1), 86_400) * 1_000_000_000 }
        do throws(APIError) {
            let plan = try plan(request)
            try refuseLiving(id, owner)
            return try begin(
                plan, request, owner: owner, origin: origin, after.map { .close(after: $0) } ?? .keep, stored, files)
        } catch {
            observer.refused(error)
            throw error
        }
    }

    private func refuseLiving(_ id: SessionID, _ owner: RunOwner) throws(APIError) {
        let entry = state.withLock { $0.entries[id] }
        guard let entry, entry.endedAt == nil else { return }
        guard entry.session.identity.owner == owner else {
            throw APIError(.sessionNotFound, "there is no session \(id)")
        }
        throw APIError(.sessionBusy, "the session lives: it can be resumed when it has ended")
    }

    /// What is stored under an id, of a session that does not live; nil when nothing is.
    package func stored(_ id: SessionID, owner: RunOwner) -> StoredSummary? {
        guard let store, state.withLock({ $0.entries[id] }).map({ $0.endedAt != nil }) ?? true else { return nil }
        return store.entries(of: owner).first { $0.metadata.session_id == id.description }
            .map { StoredSummary(metadata: $0.metadata) }
    }

    /// The same with its cells. Waits for the disk.
    ///
    /// - Throws: `SESSION_NOT_FOUND`, `SESSION_UNREADABLE`.
    package func storedHistory(_ id: SessionID, owner: RunOwner) async throws(APIError) -> StoredHistory {
        guard let store else { throw APIError(.sessionNotFound, "there is no session \(id)") }
        let stored = try await Session.onDisk { () throws(APIError) in try store.load(id, owner: owner) }
        return StoredHistory(summary: StoredSummary(metadata: stored.metadata), messages: stored.messages)
    }

    /// Those of an owner that do not live, the newest first.
    package func listStored(owner: RunOwner, _ filter: SessionFilter = SessionFilter()) -> [StoredSummary] {
        guard let store, filter.states?.contains(.stored) != false else { return [] }
        let living = state.withLock { state in
            Set(state.entries.filter { $0.value.endedAt == nil }.map(\.key.description))
        }
        return store.entries(of: owner).map { StoredSummary(metadata: $0.metadata) }
            .filter { !living.contains($0.id) && filter.takes(tags: $0.tags, createdAt: $0.createdAt) }
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
    }

    /// Removes what is stored under an id. Waits for the disk.
    ///
    /// - Returns: whether there was something.
    package func removeStored(_ id: SessionID, owner: RunOwner) async -> Bool {
        guard let store else { return false }
        let wasThere = try? await Session.onDisk { () throws(APIError) in store.remove(id, owner: owner) }
        return wasThere ?? false
    }
}
