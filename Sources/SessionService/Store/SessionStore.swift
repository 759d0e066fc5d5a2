internal import Digests
internal import Foundation
internal import Glibc
package import LinuxSystem
internal import RunModel
internal import RunService
internal import SessionModel
internal import Synchronization

/// Saved sessions in a directory: for each a file of JSON, and an archive of its files beside it. A directory that was copied is as
/// good as its original.
///
/// A file is there whole, or not at all: it is written under another name, flushed, and renamed. What cannot be read is kept, and never
/// touched. Safe from any thread; its functions wait for the disk.
package final class SessionStore: Sendable {
    /// What is known of a saved session without reading its file.
    struct Entry: Sendable {
        let owner: RunOwner
        let metadata: StoredSession.Metadata
    }

    package struct Bounds: Sendable {
        /// Sessions of one owner, and of all of them.
        package var perOwner: Int
        package var total = 4096
        /// Bytes of a file of JSON.
        package var documentBytes = 16 << 20

        package init(perOwner: Int) {
            self.perOwner = perOwner
        }
    }

    private struct State {
        var entries: [SessionID: Entry] = [:]
        /// Sessions whose archives are being written. They count as stored ones: no owner gets more of them by saving at the same time.
        var writing: [SessionID: RunOwner] = [:]
        /// Of those, the ones that somebody has removed meanwhile: nothing of them may be left.
        var dropped: Set<SessionID> = []

        mutating func finish(_ id: SessionID) {
            writing[id] = nil
            dropped.remove(id)
        }

        /// Those that are stored, and those that will be.
        func count(where isWanted: (RunOwner) -> Bool) -> Int {
            entries.values.count { isWanted($0.owner) }
                + writing.count { entries[$0.key] == nil && isWanted($0.value) }
        }
    }

    /// An archive on its way into the store.
    struct Draft: Sendable {
        let id: SessionID
        let archive: SharedDescriptor
        let path: String
    }

    let directory: String
    private let bounds: Bounds
    private let state = Mutex(State())
    private let report: @Sendable (String) -> Void

    /// Looks at what is there. Parts of what was being written when the service was killed are removed.
    ///
    /// - Parameter report: hears of files that cannot be read.
    /// - Throws: `SystemCallError` when the directory cannot be made, or written to.
    package init(
        directory: String, bounds: Bounds, report: @escaping @Sendable (String) -> Void
    ) throws(SystemCallError) {
        self.directory = directory
        self.bounds = bounds
        self.report = report
        if access(directory, F_OK) != 0 { try Files.makeDirectory(directory, mode: 0o700) }
        guard access(directory, R_OK | W_OK | X_OK) == 0 else {
            throw SystemCallError("access", errno: lastErrno, object: directory)
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(".draft-") { unlink(directory + "/" + name) }
        for name in names.sorted() where name.hasSuffix(".json") {
            guard let id = SessionID(String(name.dropLast(5))) else { continue }
            do throws(APIError) {
                remember(try read(id))
            } catch {
                report("\(name): \(error.message)")
            }
        }
        for name in names where name.hasSuffix(".tar") { removeOrphan(name) }
    }

    /// An archive of which no document knows, because the service was killed between the two. One without any document may be on its
    /// way here from a copy: it goes when it is old.
    private func removeOrphan(_ name: String) {
        guard let id = name.split(separator: ".").first.flatMap({ SessionID(String($0)) }) else { return }
        let path = directory + "/" + name
        if access(self.path(id), F_OK) == 0 {
            guard let stored = try? read(id), stored.context.archive != name else { return }
        } else {
            var status = stat()
            guard lstat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > Self.orphanSeconds else { return }
        }
        unlink(path)
    }

    private static let orphanSeconds = 86_400

    private func remember(_ stored: StoredSession) {
        guard let id = SessionID(stored.metadata.session_id) else { return }
        let entry = Entry(owner: RunOwner(stored.metadata.owner), metadata: stored.metadata)
        state.withLock { $0.entries[id] = entry }
    }

    // MARK: - Reading

    func entries(of owner: RunOwner) -> [Entry] {
        state.withLock { $0.entries.values.filter { $0.owner == owner } }
    }

    /// How many there are.
    package var count: Int { state.withLock { $0.entries.count } }

    /// The saved session of an owner.
    ///
    /// - Throws: `SESSION_NOT_FOUND`, also for one of somebody else; `SESSION_UNREADABLE` with the reason.
    func load(_ id: SessionID, owner: RunOwner) throws(APIError) -> StoredSession {
        guard access(path(id), F_OK) == 0 else {
            state.withLock { _ = $0.entries.removeValue(forKey: id) }
            throw APIError(.sessionNotFound, "there is no session \(id)")
        }
        let stored = try read(id)
        guard stored.metadata.owner == owner.description else {
            throw APIError(.sessionNotFound, "there is no session \(id)")
        }
        remember(stored)
        return stored
    }

    /// The archive of a saved session, checked.
    func archive(of stored: StoredSession) throws(APIError) -> SharedDescriptor {
        do throws(SystemCallError) {
            let file = try Files.open(
                directory + "/" + stored.context.archive, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let status = try Files.status(of: file.number)
            guard status.kind == .regular, status.size == stored.context.archive_bytes else {
                throw SystemCallError("read", errno: EIO, object: "\(status.size) bytes")
            }
            let digest = try Self.digest(of: file.number)
            guard digest == stored.context.archive_sha256 else {
                throw SystemCallError("read", errno: EBADMSG, object: "its digest is another one")
            }
            return SharedDescriptor(file)
        } catch {
            throw APIError(
                .sessionUnreadable,
                "the files of the saved session, \(stored.context.archive), cannot be read: \(error)")
        }
    }

    private func read(_ id: SessionID) throws(APIError) -> StoredSession {
        func unreadable(_ reason: String) -> APIError {
            APIError(.sessionUnreadable, "the saved session \(id) cannot be read: \(reason)")
        }
        let bytes: [UInt8]
        do throws(SystemCallError) {
            let file = try Files.open(path(id), flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            guard try Files.status(of: file.number).size <= Int64(bounds.documentBytes) else {
                throw SystemCallError("read", errno: EFBIG)
            }
            bytes = try Files.read(file.number, limit: bounds.documentBytes + 1)
        } catch {
            throw unreadable("\(error)")
        }
        struct Version: Codable { var version: Int }
        do {
            let version = try JSONDecoder().decode(Version.self, from: Data(bytes)).version
            guard version == StoredSession.currentVersion else {
                throw unreadable("its version is \(version), this service reads \(StoredSession.currentVersion)")
            }
            let stored = try JSONDecoder().decode(StoredSession.self, from: Data(bytes))
            guard stored.metadata.session_id == id.description else { throw unreadable("it is of another session") }
            if let fault = stored.fault { throw unreadable(fault) }
            return stored
        } catch let error as APIError {
            throw error
        } catch let error as DecodingError {
            throw unreadable(Self.reason(error))
        } catch {
            throw unreadable("it is no JSON")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\((context.codingPath + [key]).map(\.stringValue).joined(separator: ".")) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "it is no JSON, or is cut off"
                : "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has an unknown value"
        @unknown default: "it is of another form"
        }
    }

    private func path(_ id: SessionID) -> String { directory + "/\(id).json" }

    // MARK: - Writing

    /// A place for an archive.
    ///
    /// - Throws: `TOO_MANY_STORED_SESSIONS`; `SESSION_BUSY` while it is being saved already; `OVERLOADED` without room on the disk.
    func begin(_ id: SessionID, owner: RunOwner) throws(APIError) -> Draft {
        let bounds = bounds
        try state.withLock { state throws(APIError) in
            guard state.writing[id] == nil else {
                throw APIError(.sessionBusy, "the session is being saved already", retryable: true)
            }
            if state.entries[id] == nil {
                let own = state.count { $0 == owner }
                guard own < bounds.perOwner, state.count(where: { _ in true }) < bounds.total else {
                    throw APIError(
                        .tooManyStored,
                        own >= bounds.perOwner
                            ? "you have \(own) stored sessions already (stored_sessions_per_owner): delete one"
                            : "the service has \(bounds.total) stored sessions already")
                }
            }
            state.writing[id] = owner
        }
        let path = directory + "/.draft-\(id)-\(UInt64.random(in: .min ... .max))"
        do throws(SystemCallError) {
            let file = try Files.open(path, flags: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            return Draft(id: id, archive: SharedDescriptor(file), path: path)
        } catch {
            state.withLock { $0.finish(id) }
            throw APIError(.overloaded, "there is no room for a saved session: \(error)", retryable: true)
        }
    }

    /// Whether the session is being saved at the moment.
    func isWriting(_ id: SessionID) -> Bool { state.withLock { $0.writing[id] != nil } }

    func abandon(_ draft: Draft) {
        unlink(draft.path)
        state.withLock { $0.finish(draft.id) }
    }

    /// Gives the archive and the document their names. The one before is there until this one is.
    ///
    /// - Throws: `OVERLOADED` when the disk refuses; `SESSION_NOT_FOUND` when it was removed meanwhile. The draft is gone then.
    func commit(_ draft: Draft, _ document: StoredSession) throws(APIError) {
        let before = try? read(draft.id)
        var document = document
        do throws(SystemCallError) {
            let name = "\(draft.id).\(UInt64.random(in: 1...0xffff_ffff)).tar"
            document.context.archive = name
            document.context.archive_bytes = try Files.status(of: draft.archive.number).size
            document.context.archive_sha256 = try Self.digest(of: draft.archive.number)
            guard fsync(draft.archive.number) == 0, rename(draft.path, directory + "/" + name) == 0 else {
                throw SystemCallError("rename", errno: lastErrno, object: name)
            }
            do throws(SystemCallError) {
                try replace(draft.id, with: document)
            } catch {
                unlink(directory + "/" + name)
                throw error
            }
        } catch {
            unlink(draft.path)
            state.withLock { $0.finish(draft.id) }
            throw APIError(.overloaded, "the session cannot be stored: \(error)", retryable: true)
        }
        if let before { unlink(directory + "/" + before.context.archive) }
        let entry = Entry(owner: RunOwner(document.metadata.owner), metadata: document.metadata)
        let isWanted = state.withLock { state in
            let isWanted = !state.dropped.contains(draft.id)
            if isWanted { state.entries[draft.id] = entry }
            // From here on a removal finds what it is to remove.
            state.finish(draft.id)
            return isWanted
        }
        guard isWanted else {
            unlink(path(draft.id))
            unlink(directory + "/" + document.context.archive)
            throw APIError(.sessionNotFound, "the session was deleted while it was being stored")
        }
    }

    private func replace(_ id: SessionID, with document: StoredSession) throws(SystemCallError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // What was shown is for readers only: the oldest of it goes where it does not fit.
        var document = document
        var encoded = try? encoder.encode(document)
        while let size = encoded?.count, size > bounds.documentBytes, !document.messages.isEmpty {
            document.messages.removeFirst((document.messages.count + 1) / 2)
            encoded = try? encoder.encode(document)
        }
        guard let data = encoded, data.count <= bounds.documentBytes else {
            throw SystemCallError("write", errno: EFBIG, object: "\(id).json")
        }
        let draft = directory + "/.draft-\(id)-json-\(UInt64.random(in: .min ... .max))"
        let file = try Files.open(draft, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        var rest = data[...]
        while !rest.isEmpty {
            // SAFETY: the pointer is used inside the closure only.
            let count = unsafe rest.withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
            guard count > 0 else {
                let number = lastErrno
                unlink(draft)
                throw SystemCallError("write", errno: number, object: "\(id).json")
            }
            rest = rest.dropFirst(count)
        }
        do throws(SystemCallError) {
            // Before the new name is there: after it, nothing may fail, for then the archive is removed.
            let folder = try Files.openDirectory(directory)
            guard fsync(file.number) == 0, rename(draft, path(id)) == 0 else {
                throw SystemCallError("rename", errno: lastErrno, object: "\(id).json")
            }
            // The new name, too, must survive a power failure.
            _ = fsync(folder.number)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// Removes a saved session, also one that is just being saved; false when there is none of this owner.
    @discardableResult
    func remove(_ id: SessionID, owner: RunOwner) -> Bool {
        let isThere = state.withLock { state in
            let isWritten = state.writing[id] == owner
            if isWritten { state.dropped.insert(id) }
            return isWritten || state.entries[id]?.owner == owner
        }
        guard isThere else { return false }
        let archive = (try? read(id))?.context.archive
        unlink(path(id))
        if let archive { unlink(directory + "/" + archive) }
        state.withLock { _ = $0.entries.removeValue(forKey: id) }
        return true
    }

    private static func digest(of file: Int32) throws(SystemCallError) -> String {
        var digest = RunningDigest(.sha256)
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: off_t = 0
        while true {
            // SAFETY: the kernel writes no more than the array has.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, offset) }
            guard count >= 0 else { throw SystemCallError("pread", errno: lastErrno) }
            if count == 0 { return Hexadecimal.text(of: digest.finish()) }
            digest.update(Array(buffer[..<count]))
            offset += off_t(count)
        }
    }
}
