internal import Glibc
package import LinuxSystem
package import RunModel
package import SandboxSpec
package import SessionExecution
internal import Synchronization
internal import WardenProtocol
internal import WorkspaceModel

/// The files of a workspace, below /box: all work is done by pid 1 of its sandbox, whatever its processes do meanwhile.
extension Workspace {
    /// The largest file that goes up in one request.
    package static let maximumFileBytes = 64 << 20
    /// The most entries of a list.
    package static let maximumListed = 10_000

    /// A regular file, open for reading.
    package struct OpenFile: Sendable {
        package let descriptor: SharedDescriptor
        package let size: Int64
        /// Seconds since 1970.
        package let modified: Int64
        package let isExecutable: Bool
        /// Without quotes.
        package let tag: String
    }

    /// What a write is to find.
    package enum Condition: Sendable, Equatable {
        case none
        /// No file of this name.
        case absent
        /// A file with one of these tags; any file for `*`.
        case tags([String])
    }

    /// What is in /box, or at a path in it.
    ///
    /// - Parameter isRecursive: with all that is in folders.
    /// - Returns: the entries, sorted by path, and whether there are more.
    /// - Throws: `WORKSPACE_STOPPED`, `FILE_NOT_FOUND`, `FILES_FAILED`, `TOO_MANY_QUERIES`.
    package func listFiles(
        at path: BoxPath? = nil, isRecursive: Bool = true
    ) async throws(APIError) -> (entries: [ArchiveEntry], hasMore: Bool) {
        let packing = FilesOrder.Packing(
            maximumBytes: .max, maximumFiles: Int64(Self.maximumListed), isList: true, isShallow: !isRecursive)
        let (archive, result) = try await pack(path, packing)
        let entries = try ArchiveReader.entries(of: archive, isList: true, maximum: Self.maximumListed)
        return (entries.sorted { $0.path < $1.path }, result.skipped > 0)
    }

    /// Opens a regular file.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `FILE_NOT_FOUND`, `FILES_FAILED` for what is no file.
    package func openFile(_ path: BoxPath) async throws(APIError) -> OpenFile {
        let (result, file) = await (try running()).files(.open(path))
        try Self.check(result, path.description)
        guard let file else { throw APIError(.internalError, "a file was opened and did not come") }
        return try await onDisk { () throws(APIError) in
            do throws(SystemCallError) {
                var status = stat()
                guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                    throw SystemCallError("fstat", errno: EINVAL)
                }
                return OpenFile(
                    descriptor: file, size: Int64(status.st_size), modified: Int64(status.st_mtim.tv_sec),
                    isExecutable: status.st_mode & 0o100 != 0, tag: try FileTag.tag(of: file))
            } catch {
                throw APIError(.filesFailed, "\(path): \(error)")
            }
        }
    }

    /// Writes a file; one that is there is replaced, folders that are missing are made.
    ///
    /// - Parameter condition: is checked and kept against other writes by the API; programs inside do not wait.
    /// - Returns: its tag, and whether it is new.
    /// - Throws: `WORKSPACE_STOPPED`, `INVALID_FILE_NAME`, `PRECONDITION_FAILED`, `FILES_FAILED` when it does not fit, or a folder has
    ///   its name.
    package func writeFile(
        _ path: BoxPath, _ content: [UInt8], executable: Bool, condition: Condition = .none
    ) async throws(APIError) -> (tag: String, isNew: Bool) {
        guard content.count <= Self.maximumFileBytes else {
            throw APIError(.bodyTooLarge, "the file has \(content.count) bytes, allowed are \(Self.maximumFileBytes)")
        }
        guard
            let bytes = ArchiveWriter.archive(
                path, content, executable: executable, modified: services.date() / 1000)
        else { throw Self.tooLong(path) }
        let archive = try Self.sealed(bytes)
        return try await writing.pass { () throws(APIError) in
            let before = try await self.existing(path)
            try Self.check(condition, before, path)
            let (result, _) = await (try running()).files(.unpack(replacing: false), archive: archive)
            try Self.check(result, path.description)
            return (try await openFile(path).tag, before == nil)
        }
    }

    private func existing(_ path: BoxPath) async throws(APIError) -> OpenFile? {
        do throws(APIError) {
            return try await openFile(path)
        } catch {
            if error.code == .fileNotFound { return nil }
            throw error
        }
    }

    private static func check(
        _ condition: Condition, _ file: OpenFile?, _ path: BoxPath
    ) throws(APIError) {
        switch (condition, file) {
        case (.none, _), (.absent, nil): return
        case (.absent, .some): throw APIError(.preconditionFailed, "\(path) is there already (If-None-Match)")
        case (.tags, nil): throw APIError(.preconditionFailed, "there is no \(path) (If-Match)")
        case (.tags(let tags), .some(let file)):
            guard tags.contains("*") || tags.contains(file.tag) else {
                throw APIError(
                    .preconditionFailed, "\(path) is another one than the one that was read (If-Match)",
                    details: ["etag": file.tag])
            }
        }
    }

    /// Removes a file, a link, or a folder with all that is in it.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `FILE_NOT_FOUND`, `PRECONDITION_FAILED`, `FILES_FAILED`.
    package func removeFile(_ path: BoxPath, condition: Condition = .none) async throws(APIError) {
        try await writing.pass { () throws(APIError) in
            if condition != .none { try Self.check(condition, try await existing(path), path) }
            try Self.check(await (try running()).files(.remove(path)).0, path.description)
        }
    }

    /// Gives a file or a folder another name.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `FILE_NOT_FOUND`, `FILES_FAILED`; `PRECONDITION_FAILED` when something is there and is not to be
    ///   replaced.
    package func moveFile(_ path: BoxPath, to target: BoxPath, replacing: Bool) async throws(APIError) {
        try await writing.pass { () throws(APIError) in
            let (result, _) = await (try running()).files(.move(path, target, replacing: replacing))
            if result.errno == EEXIST, !replacing {
                throw APIError(.preconditionFailed, "\(target) is there already: say replace to replace it")
            }
            try Self.check(result, path.description)
        }
    }

    /// Has pid 1 write an archive of what is at a path, or of all.
    func pack(
        _ path: BoxPath?, _ packing: FilesOrder.Packing
    ) async throws(APIError) -> (SharedDescriptor, FilesResult) {
        let live = try running()
        let archive = try Self.emptyArchive(in: services.store?.directory)
        let (result, _) = await live.files(.pack(path, packing), archive: archive)
        try Self.check(result, path?.description ?? "/box")
        return (archive, result)
    }

    static func sealed(_ bytes: [UInt8]) throws(APIError) -> SharedDescriptor {
        do throws(SystemCallError) {
            return SharedDescriptor(try MemoryFile.sealed(bytes, name: "upload"))
        } catch {
            throw APIError(.overloaded, "the files cannot be kept: \(error)", retryable: true)
        }
    }

    static func tooLong(_ path: BoxPath) -> APIError {
        APIError(
            .invalidFileName,
            "the path \(path) is too long: allowed are \(FilesOrder.maximumPathBytes) bytes, and 100 of a name")
    }

    /// What an errno of pid 1 means to a client.
    static func check(_ result: FilesResult, _ path: String) throws(APIError) {
        switch result.errno {
        case 0: return
        case ENOENT: throw APIError(.fileNotFound, "the workspace has no file \(path)")
        case ENOTDIR, ELOOP, EXDEV:
            throw APIError(.filesFailed, "\(path) leads through something that is no folder, or through a link")
        case EISDIR, EEXIST, ENOTEMPTY: throw APIError(.filesFailed, "\(path) is a folder")
        case EINVAL: throw APIError(.filesFailed, "\(path) is no regular file")
        case ENOSPC, EDQUOT, ENOMEM, EFBIG:
            throw APIError(.filesFailed, "\(path) does not fit the limits disk and inodes of the workspace")
        case ETIMEDOUT: throw APIError(.filesFailed, "there are too many files, or too large ones", retryable: true)
        case EAGAIN: throw APIError(.tooManyQueries, "too many requests about files wait already", retryable: true)
        case ESRCH, EBUSY, ECONNRESET: throw .workspaceStopped
        default: throw APIError(.filesFailed, "\(path): \(errnoDescription(result.errno))")
        }
    }
}
