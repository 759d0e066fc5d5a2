internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec
internal import SessionExecution
internal import Synchronization
internal import WardenProtocol
internal import WorkspaceModel

/// Storing a workspace, so that it can be started again after a stop, or when this service has been started anew.
extension Workspace {
    /// Files and folders of one archive.
    static let maximumFiles: Int64 = 1_000_000

    /// Packs its files and stores them, unless they are as they were.
    ///
    /// - Parameter freezes: all its processes are stopped before, for good.
    /// - Throws: `WORKSPACE_STOPPED`, `TOO_MANY_STORED_WORKSPACES`, `FILES_FAILED`, `OVERLOADED`.
    func save(freezes: Bool) async throws(APIError) {
        try await saving.pass { () throws(APIError) in
            guard
                let (live, plan) = state.withLock({ state in
                    state.live.flatMap { live in state.plan.map { (live, $0) } }
                })
            else { throw .workspaceStopped }
            var packing = FilesOrder.Packing(
                maximumBytes: plan.spec.limits[.disk], maximumFiles: Self.maximumFiles)
            packing.freezes = freezes
            if let store = services.store {
                try await save(to: store, live, packing)
            } else {
                let archive = try Self.emptyArchive(in: nil)
                let (result, _) = await live.files(.pack(nil, packing), archive: archive)
                try Self.check(result, "/box")
                state.withLock { $0.archive = archive }
                tell(.stored(files: result.files, bytes: result.bytes, skipped: result.skipped))
            }
        }
    }

    private func save(
        to store: WorkspaceStore, _ live: LiveWorkspace, _ packing: FilesOrder.Packing
    ) async throws(APIError) {
        let (id, owner) = (id, identity.owner)
        let draft = try await onDisk { () throws(APIError) in try store.begin(id, owner: owner) }
        do throws(APIError) {
            let (result, _) = await live.files(.pack(nil, packing), archive: draft.archive)
            try Self.check(result, "/box")
            try await commit(draft, to: store, files: result.files)
            tell(.stored(files: result.files, bytes: result.bytes, skipped: result.skipped))
        } catch {
            store.abandon(draft)
            throw error
        }
    }

    /// What is in a draft becomes what is stored. The archive in memory is not needed any more.
    private func commit(_ draft: WorkspaceStore.Draft, to store: WorkspaceStore, files: Int64) async throws(APIError) {
        let document = document(files: files)
        let before = state.withLock { $0.savedDigest }
        let digest = try await onDisk { () throws(APIError) -> String in
            let digest: String
            do throws(SystemCallError) {
                digest = try DurableFile.digest(of: draft.archive.number)
            } catch {
                throw APIError(.overloaded, "the workspace cannot be stored: \(error)", retryable: true)
            }
            if digest == before {
                // The same files: only what is said of them is new.
                store.abandon(draft)
                try store.update(draft.id) { stored in
                    let old = stored
                    stored = document
                    (stored.archive, stored.archive_bytes) = (old.archive, old.archive_bytes)
                    (stored.archive_sha256, stored.files) = (old.archive_sha256, old.files)
                }
            } else {
                try store.commit(draft, document)
            }
            return digest
        }
        let now = services.now()
        state.withLock { state in
            state.savedDigest = digest
            state.savedAt = now
            state.archive = nil
        }
    }

    /// Stores the files that it begins with.
    func keep(_ archive: SharedDescriptor, files: Int64) async throws(APIError) {
        state.withLock { $0.archive = archive }
        guard let store = services.store else { return }
        let (id, owner) = (id, identity.owner)
        try await saving.pass { () throws(APIError) in
            let draft = try await onDisk { () throws(APIError) in
                let draft = try store.begin(id, owner: owner)
                do throws(SystemCallError) {
                    try ArchiveCopy.copy(archive.number, to: draft.archive.number)
                } catch {
                    store.abandon(draft)
                    throw APIError(.overloaded, "the workspace cannot be stored: \(error)", retryable: true)
                }
                return draft
            }
            try await commit(draft, to: store, files: files)
        }
    }

    /// Stores what was changed of it while it does not run; while it runs that comes with the next saving.
    func keepDocument() async throws(APIError) {
        guard let store = services.store, state.withLock({ $0.live == nil }) else { return }
        let (id, document) = (id, document(files: 0))
        try await onDisk { () throws(APIError) in
            try store.update(id) { stored in
                stored.request = document.request
                stored.updated_at = document.updated_at
            }
        }
    }

    private func document(files: Int64) -> StoredWorkspace {
        let (id, owner, created, next) = (id, identity.owner, identity.createdAt, log.next)
        let date = services.date()
        return state.withLock { state in
            StoredWorkspace(
                workspace_id: id.description, owner: owner.description, created_at: created, updated_at: date,
                generation: state.generation, next_seq: next, next_process: state.nextProcess,
                request: .init(state.request), archive: "", archive_bytes: 0, archive_sha256: "", files: files)
        }
    }

    static func emptyArchive(in directory: String?) throws(APIError) -> SharedDescriptor {
        do throws(SystemCallError) {
            return SharedDescriptor(try ArchiveFile.make(in: directory))
        } catch {
            throw APIError(.overloaded, "there is no room for an archive: \(error)", retryable: true)
        }
    }
}
