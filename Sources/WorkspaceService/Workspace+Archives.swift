package import LinuxSystem
package import RunModel
internal import RunPlanning
package import SandboxSpec
internal import SessionExecution
internal import Synchronization
internal import WardenProtocol

/// Whole folders of a workspace, up and down.
extension Workspace {
    /// An archive on its way up: bytes of a tar go in, and are checked as they come.
    package final class Upload: Sendable {
        private let state: Mutex<ForeignTar>
        let archive: SharedDescriptor

        init(_ folder: BoxPath?, _ bounds: ForeignTar.Bounds, _ archive: SharedDescriptor) {
            state = Mutex(ForeignTar(into: folder, bounds))
            self.archive = archive
        }

        /// Takes the next bytes, in order, from one task.
        package func take(_ piece: [UInt8]) throws(APIError) {
            try append(try state.withLock { (tar) throws(APIError) in try tar.take(piece) })
        }

        func finish() throws(APIError) {
            try append(try state.withLock { (tar) throws(APIError) in try tar.finish() })
        }

        private func append(_ bytes: [UInt8]) throws(APIError) {
            do throws(SystemCallError) {
                try ArchiveCopy.append(bytes[...], to: archive.number)
            } catch {
                throw APIError(.overloaded, "there is no room for the archive: \(error)", retryable: true)
            }
        }
    }

    /// Begins to take an archive.
    ///
    /// - Parameter folder: where it goes; /box when nil.
    /// - Throws: `WORKSPACE_STOPPED`, `OVERLOADED`.
    package func upload(to folder: BoxPath?) throws(APIError) -> Upload {
        _ = try running()
        guard let limits = state.withLock({ $0.plan?.spec.limits }) else { throw .workspaceStopped }
        return Upload(
            folder,
            ForeignTar.Bounds(bytes: limits[.disk], entries: Int(clamping: limits[.inodes])),
            try Self.emptyArchive(in: services.store?.directory))
    }

    /// Writes what has come.
    ///
    /// - Parameter isReplacing: what is not in the archive is removed, of all of /box.
    /// - Throws: what is wrong with it, `FILES_FAILED`, `WORKSPACE_STOPPED`.
    package func finish(_ upload: Upload, replacing isReplacing: Bool) async throws(APIError) {
        try upload.finish()
        try await writing.pass { () throws(APIError) in
            let (result, _) = await (try running()).files(.unpack(replacing: isReplacing), archive: upload.archive)
            try Self.check(result, "/box")
        }
    }

    /// An archive of what is at a path, or of all: a tar.
    ///
    /// - Returns: it, its size, and how much was left out.
    /// - Throws: `WORKSPACE_STOPPED`, `FILE_NOT_FOUND`, `FILES_FAILED`.
    package func download(_ path: BoxPath?) async throws(APIError) -> (SharedDescriptor, size: Int64, skipped: Int64) {
        let disk = state.withLock { $0.plan?.spec.limits[.disk] ?? 0 }
        let (archive, result) = try await pack(
            path, FilesOrder.Packing(maximumBytes: disk, maximumFiles: Self.maximumFiles))
        do throws(SystemCallError) {
            return (archive, try Files.status(of: archive.number).size, result.skipped)
        } catch {
            throw APIError(.internalError, "an archive cannot be read: \(error)")
        }
    }

    /// Makes a folder, with those above it. One that is there stays.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `INVALID_FILE_NAME`, `FILES_FAILED`.
    package func makeFolder(_ path: BoxPath) async throws(APIError) {
        guard let header = ArchiveWriter.header(path, .directory, size: 0, modified: services.date() / 1000) else {
            throw Self.tooLong(path)
        }
        let archive = try Self.sealed(header + [UInt8](repeating: 0, count: ArchiveWriter.end))
        let (result, _) = await (try running()).files(.unpack(replacing: false), archive: archive)
        try Self.check(result, path.description)
    }
}
