internal import RunModel
internal import RunService
internal import SessionModel
internal import SessionService
internal import Synchronization

/// The kernels of a service: its sessions, with what Jupyter's clients need besides. Every session is a kernel, whichever way it
/// was made. Safe from any thread.
final class KernelRegistry: Sendable {
    private struct Entry {
        let hub: KernelHub
        /// What a new session is made from when this one has ended.
        let request: SessionRequest
    }

    private let sessions: SessionService
    private let languages: @Sendable () -> [KernelLanguage]
    private let kernels = Mutex<[KernelID: Entry]>([:])

    init(_ sessions: SessionService, languages: @escaping @Sendable () -> [KernelLanguage]) {
        self.sessions = sessions
        self.languages = languages
    }

    /// - Parameters:
    ///   - name: of the kernelspec; the first one when nil.
    ///   - environment: variables for the interpreter; names that it cannot have are left out, as gateways do.
    /// - Throws: `UNKNOWN_LANGUAGE`, and what making a session throws.
    func create(
        _ name: String?, environment: [String: String], owner: RunOwner, origin: RunOrigin
    ) throws(APIError) -> KernelHub {
        let language = try self.language(name)
        var request = SessionRequest(language: language.image)
        request.environment = environment
        let session = try sessions.create(request, owner: owner, origin: origin, queue: KernelHub.maximumCells)
        return enter(session, language, request)
    }

    /// The kernelspec of this name, or the one that is the default.
    func language(_ name: String?) throws(APIError) -> KernelLanguage {
        let known = languages()
        guard let name, !name.isEmpty else {
            guard let first = KernelLanguage.standard(of: known) else {
                throw APIError(.notSupported, "no language has sessions here")
            }
            return first
        }
        // Names before aliases.
        if let language = known.first(where: { $0.name == name }) ?? known.first(where: { $0.isNamed(name) }) {
            return language
        }
        throw APIError(
            .kernelNotFound,
            "there is no kernel named \"\(name.prefix(64))\"; there are \(known.map(\.name).joined(separator: ", "))")
    }

    private func enter(_ session: Session, _ language: KernelLanguage, _ request: SessionRequest) -> KernelHub {
        let hub = KernelHub(session, language)
        return kernels.withLock { kernels in
            if let known = kernels[hub.id] { return known.hub }
            prune(&kernels)
            kernels[hub.id] = Entry(hub: hub, request: request)
            return hub
        }
    }

    /// Forgets kernels that nobody can find any more. Whatever looks at all of them does this, as clients do all the time.
    func prune() { kernels.withLock { prune(&$0) } }

    private func prune(_ kernels: inout [KernelID: Entry]) {
        kernels = kernels.filter {
            isKept($0.value.hub) && !($0.value.hub.isShutDown && $0.value.hub.session.end != nil)
        }
    }

    /// The service forgets sessions some time after their end.
    private func isKept(_ hub: KernelHub) -> Bool {
        (try? sessions.find(hub.session.id, owner: hub.owner)) != nil
    }

    /// - Parameter text: as it stands in a path.
    /// - Throws: `SESSION_NOT_FOUND`: also for kernels of somebody else, and for those that have been shut down.
    func find(_ text: String, owner: RunOwner) throws(APIError) -> KernelHub {
        guard let id = KernelID(text) else { throw Self.unknown(text) }
        if let hub = kernels.withLock({ $0[id]?.hub }) {
            guard hub.owner == owner, !hub.isShutDown else { throw Self.unknown(text) }
            return hub
        }
        guard let session = id.session.flatMap({ try? sessions.find($0, owner: owner) }), session.end == nil,
            let language = language(of: session)
        else { throw Self.unknown(text) }
        return enter(session, language, SessionRequest(language: language.image, policy: session.identity.policy))
    }

    private func language(of session: Session) -> KernelLanguage? {
        let known = languages()
        return known.first { $0.image == session.identity.language }
            ?? known.first { $0.isNamed(session.identity.language) }
    }

    private static func unknown(_ id: String) -> APIError {
        APIError(.kernelNotFound, "Kernel does not exist: \(id.prefix(64))")
    }

    /// The owner's kernels, the newest first.
    func list(owner: RunOwner) -> [KernelHub] {
        prune()
        let own = kernels.withLock { $0.values.filter { $0.hub.owner == owner }.map(\.hub) }
        // A session that took another one's place is no kernel of its own.
        let taken = Set(own.map(\.session.id))
        let others = sessions.list(owner: owner).filter { $0.end == nil && !taken.contains($0.id) }
        let adopted = others.compactMap { try? find(KernelID($0.id).description, owner: owner) }
        return (own.filter { !$0.isShutDown && isKept($0) } + adopted)
            .sorted {
                ($0.session.identity.createdAt, $0.id.description) > ($1.session.identity.createdAt, $1.id.description)
            }
    }

    /// Begins a new interpreter, and a new session when the old one has ended.
    func restart(_ hub: KernelHub, origin: RunOrigin) async throws(APIError) {
        let session = hub.session
        if session.end == nil {
            do throws(APIError) {
                return try await session.restart()
            } catch {
                guard error.code == .sessionEnded else { throw error }
                // It was just ending.
                _ = await session.ended()
            }
        }
        guard let request = kernels.withLock({ $0[hub.id]?.request }) else { throw Self.unknown(hub.id.description) }
        let next = try sessions.create(request, owner: hub.owner, origin: origin, queue: KernelHub.maximumCells)
        if !hub.continue(with: next, after: session) {
            next.close(
                reason: "the kernel has been ended, or another session has taken the place of the one that ended")
        }
    }

    /// Ends a kernel: nobody finds it any more.
    func shutDown(_ hub: KernelHub) {
        hub.session.close(reason: "a client shut the kernel down")
        hub.markShutDown()
    }
}

extension KernelLanguage {
    /// The one that a client gets that names none.
    static func standard(of known: [KernelLanguage]) -> KernelLanguage? {
        known.first { $0.name == "python3" } ?? known.first
    }
}

extension APIError.Code {
    /// There is no kernel, kernelspec, terminal or notebook session of this name.
    static let kernelNotFound = APIError.Code(rawValue: "NOT_FOUND")
}
