internal import RunModel
internal import RunService
internal import SessionModel
internal import Synchronization

/// What Jupyter calls a session: which notebook, or which other document, has which kernel. Kept in memory, within bounds.
final class NotebookSessions: Sendable {
    struct Notebook: Sendable, Equatable {
        let id: String
        let owner: RunOwner
        var path: String
        var name: String
        var type: String
        var kernel: KernelID
        /// In which order they were made.
        let number: Int
    }

    /// Of one owner.
    static let maximumCount = 256

    private struct State {
        var notebooks: [String: Notebook] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// - Throws: `TOO_MANY_SESSIONS`.
    func add(
        path: String, name: String, type: String, kernel: KernelID, owner: RunOwner
    ) throws(APIError) -> Notebook {
        try state.withLock { state throws(APIError) in
            guard state.notebooks.values.count(where: { $0.owner == owner }) < Self.maximumCount else {
                throw APIError(
                    .tooManySessions, "you have \(Self.maximumCount) notebook sessions already", retryable: true)
            }
            state.last += 1
            let notebook = Notebook(
                id: KernelID(SessionID()).description, owner: owner, path: path, name: name, type: type,
                kernel: kernel, number: state.last)
            state.notebooks[notebook.id] = notebook
            return notebook
        }
    }

    /// In the order in which they were made.
    func list(owner: RunOwner) -> [Notebook] {
        state.withLock { $0.notebooks.values.filter { $0.owner == owner } }.sorted { $0.number < $1.number }
    }

    func find(_ id: String, owner: RunOwner) throws(APIError) -> Notebook {
        guard let found = state.withLock({ $0.notebooks[id] }), found.owner == owner else {
            throw APIError(.kernelNotFound, "Session not found: \(id.prefix(64))")
        }
        return found
    }

    func replace(_ notebook: Notebook) {
        state.withLock { state in
            if state.notebooks[notebook.id] != nil { state.notebooks[notebook.id] = notebook }
        }
    }

    func remove(_ id: String) {
        state.withLock { $0.notebooks[id] = nil }
    }
}
