internal import Glibc
internal import LinuxSystem
package import RunModel
internal import RunService
package import SandboxSpec
package import SessionExecution
internal import SessionModel
internal import WardenProtocol

/// The files of a session, below /box: listed, read, written and removed by pid 1 of its sandbox, in every language, also while a
/// cell runs.
extension Session {
    /// The largest file that goes up or down.
    package static let maximumFileBytes = 16 << 20
    /// The most entries of a list.
    package static let maximumListed = 10_000

    /// What is in /box, or at a path in it.
    ///
    /// - Returns: the entries, sorted by path, and whether there are more.
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `FILE_NOT_FOUND`, `FILES_FAILED`.
    package func listFiles(at path: BoxPath? = nil) async throws(APIError) -> (entries: [ArchiveEntry], hasMore: Bool) {
        let packing = FilesOrder.Packing(
            maximumBytes: .max, maximumFiles: Int64(Self.maximumListed), isList: true)
        let (archive, result) = try await pack(path, packing)
        let entries = try ArchiveReader.entries(of: archive, isList: true, maximum: Self.maximumListed)
        return (entries.sorted { $0.path < $1.path }, result.skipped > 0)
    }

    /// The content of a regular file.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `FILE_NOT_FOUND`, `FILES_FAILED` for what is no file, or is too large.
    package func readFile(_ path: BoxPath) async throws(APIError) -> [UInt8] {
        let (entries, _) = try await listFiles(at: path)
        guard let entry = entries.first(where: { $0.path == path.description }) else {
            throw APIError(.filesFailed, "\(path) is no regular file")
        }
        guard entry.kind == .file else { throw APIError(.filesFailed, "\(path) is a \(entry.kind.rawValue), no file") }
        guard entry.size <= Int64(Self.maximumFileBytes) else {
            throw APIError(
                .filesFailed, "\(path) has \(entry.size) bytes, allowed are \(Self.maximumFileBytes) for one file")
        }
        let packing = FilesOrder.Packing(maximumBytes: Int64(Self.maximumFileBytes), maximumFiles: 1)
        let (archive, _) = try await pack(path, packing)
        // It may have become something else meanwhile.
        guard let file = try ArchiveReader.entries(of: archive, isList: false, maximum: 1).first, file.kind == .file,
            file.size <= Int64(Self.maximumFileBytes)
        else { throw APIError(.filesFailed, "\(path) has changed while it was read", retryable: true) }
        return try ArchiveReader.content(of: file, in: archive)
    }

    /// Writes a file; one that is there is replaced, folders that are missing are made.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `INVALID_FILE_NAME`, `FILES_FAILED` when it does not fit, or a folder has its name.
    package func writeFile(_ path: BoxPath, _ content: [UInt8], executable: Bool) async throws(APIError) {
        guard content.count <= Self.maximumFileBytes else {
            throw APIError(.bodyTooLarge, "the file has \(content.count) bytes, allowed are \(Self.maximumFileBytes)")
        }
        let now = Timestamp.now() / 1000
        guard let bytes = ArchiveWriter.archive(path, content, executable: executable, modified: now) else {
            throw APIError(
                .invalidFileName,
                "the path is too long: allowed are \(FilesOrder.maximumPathBytes) bytes, and 100 of a name")
        }
        let archive: SharedDescriptor
        do throws(SystemCallError) {
            archive = SharedDescriptor(try MemoryFile.sealed(bytes, name: "upload"))
        } catch {
            throw APIError(.overloaded, "the file cannot be kept: \(error)", retryable: true)
        }
        try Self.check(try await living().files(.unpack(replacing: false), archive: archive), path.description)
    }

    /// Removes a file, a link, or a folder with all that is in it.
    ///
    /// - Throws: `SESSION_ENDED`, `SESSION_BUSY`, `FILE_NOT_FOUND`, `FILES_FAILED`.
    package func removeFile(_ path: BoxPath) async throws(APIError) {
        try Self.check(try await living().files(.remove(path), archive: nil), path.description)
    }

    private func pack(
        _ path: BoxPath?, _ packing: FilesOrder.Packing
    ) async throws(APIError) -> (SharedDescriptor, FilesResult) {
        let archive: SharedDescriptor
        do throws(SystemCallError) {
            archive = SharedDescriptor(try ArchiveFile.make(in: spool))
        } catch {
            throw APIError(.overloaded, "there is no room for an archive: \(error)", retryable: true)
        }
        let result = try await living().files(.pack(path, packing), archive: archive)
        try Self.check(result, path?.description ?? "/box")
        return (archive, result)
    }

    /// What an errno of pid 1 means to a client.
    private static func check(_ result: FilesResult, _ path: String) throws(APIError) {
        switch result.errno {
        case 0: return
        case ENOENT: throw APIError(.fileNotFound, "the session has no file \(path)")
        case ENOTDIR, ELOOP, EXDEV:
            throw APIError(.filesFailed, "\(path) leads through something that is no folder, or through a link")
        case EISDIR, EEXIST: throw APIError(.filesFailed, "\(path) is a folder")
        case ENOSPC, EDQUOT, ENOMEM: throw APIError(.filesFailed, "\(path) does not fit the limit disk of the session")
        case ETIMEDOUT: throw APIError(.filesFailed, "there are too many files, or too large ones", retryable: true)
        case EAGAIN:
            throw APIError(.tooManyQueries, "too many requests about files wait already", retryable: true)
        case ESRCH, EBUSY, ECONNRESET: throw APIError(.sessionEnded, "the sandbox of the session has ended")
        default: throw APIError(.filesFailed, "\(path): \(errnoDescription(result.errno))")
        }
    }
}
