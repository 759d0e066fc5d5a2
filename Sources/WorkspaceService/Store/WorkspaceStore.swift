internal import Foundation
internal import Glibc
package import LinuxSystem
internal import RunModel
internal import RunService
internal import SandboxSpec
internal import Synchronization
internal import WorkspaceModel

/// Workspaces in a directory: for each a file of JSON, and an archive of its files beside it. A directory that was copied is as good as
/// its original.
///
/// A file is there whole, or not at all. What cannot be read is kept, and never touched. Safe from any thread; its functions wait for the
/// disk.
package final class WorkspaceStore: Sendable {
    package struct Bounds: Sendable {
        /// Workspaces of one owner, and of all of them.
        package var perOwner: Int
        package var total = 4096
        /// Bytes of a file of JSON.
        package var documentBytes = 1 << 20

        package init(perOwner: Int) {
            self.perOwner = perOwner
        }
    }

    /// An archive on its way into the store.
    struct Draft: Sendable {
        let id: WorkspaceID
        let archive: SharedDescriptor
        let path: String
    }

    private struct State {
        /// Whose each stored workspace is.
        var owners: [WorkspaceID: RunOwner] = [:]
        var dropped: Set<WorkspaceID> = []
    }

    package let directory: String
    private let bounds: Bounds
    private let state = Mutex(State())
    private let found: [StoredWorkspace]

    /// Looks at what is there. Parts of what was being written when the service was killed are removed.
    ///
    /// - Parameter report: hears of files that cannot be read.
    /// - Throws: `SystemCallError` when the directory cannot be made, or written to.
    package init(
        directory: String, bounds: Bounds, report: @escaping @Sendable (String) -> Void
    ) throws(SystemCallError) {
        self.directory = directory
        self.bounds = bounds
        if access(directory, F_OK) != 0 { try Files.makeDirectory(directory, mode: 0o700) }
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw SystemCallError("access", errno: lastErrno, object: directory)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(".draft-") { unlink(directory + "/" + name) }
        var found: [StoredWorkspace] = []
        for name in names.sorted() where name.hasSuffix(".json") {
            guard let id = WorkspaceID(String(name.dropLast(5))) else { continue }
            do throws(APIError) {
                found.append(try Self.read(id, directory, bounds))
            } catch {
                report("\(name): \(error.message)")
            }
        }
        self.found = found
        let known = Set(found.map(\.archive))
        let readable = Set(found.map(\.workspace_id))
        for name in names where name.hasSuffix(".tar") {
            // One whose document cannot be read may be wanted yet.
            guard let id = name.split(separator: ".").first.map({ String($0) }), readable.contains(id) else { continue }
            if !known.contains(name) { unlink(directory + "/" + name) }
        }
        state.withLock { state in
            for one in found {
                if let id = WorkspaceID(one.workspace_id) { state.owners[id] = RunOwner(one.owner) }
            }
        }
    }

    /// Those that were there at the beginning.
    var all: [StoredWorkspace] { found }
    /// How many there are.
    package var count: Int { state.withLock { $0.owners.count } }

    /// What is stored of a workspace; nil when nothing is.
    ///
    /// - Throws: `WORKSPACE_UNREADABLE` with the reason.
    func load(_ id: WorkspaceID) throws(APIError) -> (StoredWorkspace, SharedDescriptor)? {
        guard access(path(id), F_OK) == 0 else { return nil }
        let stored = try Self.read(id, directory, bounds)
        do throws(SystemCallError) {
            let file = try Files.open(directory + "/" + stored.archive, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let status = try Files.status(of: file.number)
            guard status.kind == .regular, status.size == stored.archive_bytes else {
                throw SystemCallError("read", errno: EIO, object: "\(status.size) bytes")
            }
            guard try DurableFile.digest(of: file.number) == stored.archive_sha256 else {
                throw SystemCallError("read", errno: EBADMSG, object: "its digest is another one")
            }
            return (stored, SharedDescriptor(file))
        } catch {
            throw APIError(
                .workspaceUnreadable, "the files of workspace \(id), \(stored.archive), cannot be read: \(error)")
        }
    }

    private static func read(
        _ id: WorkspaceID, _ directory: String, _ bounds: Bounds
    ) throws(APIError) -> StoredWorkspace {
        func unreadable(_ reason: String) -> APIError {
            APIError(.workspaceUnreadable, "the stored workspace \(id) cannot be read: \(reason)")
        }
        let bytes: [UInt8]
        do throws(SystemCallError) {
            let file = try Files.open(directory + "/\(id).json", flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            guard try Files.status(of: file.number).size <= Int64(bounds.documentBytes) else {
                throw SystemCallError("read", errno: EFBIG)
            }
            bytes = try Files.read(file.number, limit: bounds.documentBytes + 1)
        } catch {
            throw unreadable("\(error)")
        }
        struct Version: Codable { var version: Int }
        guard let version = try? JSONDecoder().decode(Version.self, from: Data(bytes)).version else {
            throw unreadable("it is no JSON, or is cut off")
        }
        guard version == StoredWorkspace.currentVersion else {
            throw unreadable("its version is \(version), this service reads \(StoredWorkspace.currentVersion)")
        }
        guard let stored = try? JSONDecoder().decode(StoredWorkspace.self, from: Data(bytes)) else {
            throw unreadable("it is of another form")
        }
        guard stored.workspace_id == id.description else { throw unreadable("it is of another workspace") }
        if let fault = stored.fault { throw unreadable(fault) }
        return stored
    }

    private func path(_ id: WorkspaceID) -> String { directory + "/\(id).json" }

    // MARK: - Writing

    /// A place for an archive.
    ///
    /// - Throws: `TOO_MANY_STORED_WORKSPACES`; `OVERLOADED` without room on the disk.
    func begin(_ id: WorkspaceID, owner: RunOwner) throws(APIError) -> Draft {
        let bounds = bounds
        try state.withLock { state throws(APIError) in
            guard state.owners[id] == nil else { return }
            let own = state.owners.values.count { $0 == owner }
            guard own < bounds.perOwner, state.owners.count < bounds.total else {
                throw APIError(
                    .tooManyStoredWorkspaces,
                    own >= bounds.perOwner
                        ? "you have \(own) stored workspaces already (stored_workspaces_per_owner): delete one"
                        : "the service has \(bounds.total) stored workspaces already")
            }
        }
        let path = directory + "/.draft-\(id)-\(UInt64.random(in: .min ... .max))"
        do throws(SystemCallError) {
            let file = try Files.open(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            return Draft(id: id, archive: SharedDescriptor(file), path: path)
        } catch {
            throw APIError(.overloaded, "there is no room for a stored workspace: \(error)", retryable: true)
        }
    }

    func abandon(_ draft: Draft) { unlink(draft.path) }

    /// Gives the archive and the document their names. Those before are there until these are.
    ///
    /// - Throws: `OVERLOADED` when the disk refuses; `WORKSPACE_NOT_FOUND` when it was removed meanwhile. The draft is gone then.
    func commit(_ draft: Draft, _ document: StoredWorkspace) throws(APIError) {
        let before = (try? Self.read(draft.id, directory, bounds))?.archive
        var document = document
        do throws(SystemCallError) {
            let name = "\(draft.id).\(UInt64.random(in: 1...0xffff_ffff)).tar"
            document.archive = name
            document.archive_bytes = try Files.status(of: draft.archive.number).size
            document.archive_sha256 = try DurableFile.digest(of: draft.archive.number)
            try DurableFile.name(draft.archive.number, draft.path, directory + "/" + name, in: directory)
            do throws(SystemCallError) {
                try write(draft.id, document)
            } catch {
                unlink(directory + "/" + name)
                throw error
            }
        } catch {
            unlink(draft.path)
            throw APIError(.overloaded, "the workspace cannot be stored: \(error)", retryable: true)
        }
        if let before { unlink(directory + "/" + before) }
        let owner = RunOwner(document.owner)
        let isDropped = state.withLock { state in
            if state.dropped.contains(draft.id) { return true }
            state.owners[draft.id] = owner
            return false
        }
        if isDropped {
            remove(draft.id)
            throw APIError(.workspaceNotFound, "the workspace was deleted while it was being stored")
        }
    }

    /// Replaces the document alone; its archive stays.
    func update(_ id: WorkspaceID, _ change: (inout StoredWorkspace) -> Void) throws(APIError) {
        guard access(path(id), F_OK) == 0 else { return }
        var document = try Self.read(id, directory, bounds)
        change(&document)
        do throws(SystemCallError) {
            try write(id, document)
        } catch {
            throw APIError(.overloaded, "the workspace cannot be stored: \(error)", retryable: true)
        }
    }

    private func write(_ id: WorkspaceID, _ document: StoredWorkspace) throws(SystemCallError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(document), data.count <= bounds.documentBytes else {
            throw SystemCallError("write", errno: EFBIG, object: "\(id).json")
        }
        try DurableFile.write(Array(data), to: path(id), in: directory)
    }

    /// Removes what is stored of a workspace, also what is just being written. It cannot be stored again.
    func remove(_ id: WorkspaceID) {
        state.withLock { state in
            state.owners[id] = nil
            state.dropped.insert(id)
        }
        let archive = (try? Self.read(id, directory, bounds))?.archive
        unlink(path(id))
        if let archive { unlink(directory + "/" + archive) }
    }
}
