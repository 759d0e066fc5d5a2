internal import Glibc
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import SandboxSpec

/// A directory on this machine that artifacts are written into.
///
/// Names come from foreign code. Each component is opened on its own, below the descriptor of the one before, and
/// never through a symbolic link; a file is only ever made, never opened when it is there already. So nothing outside
/// the directory, and nothing that was in it, can be reached or changed. Everything here blocks.
final class ArtifactDirectory: ArtifactSink {
    private let root: SharedDescriptor

    /// Opens the directory, and makes it when it is missing; its parent must be there.
    ///
    /// - Throws: `APIError` naming the path and what the system said.
    init(path: String) throws(APIError) {
        do {
            do {
                try Files.makeDirectory(path)
            } catch  where error.errno == EEXIST {
                // It may be a link to a directory: the caller chose that name, not the program.
            }
            root = SharedDescriptor(try Files.open(path, flags: O_RDONLY | O_DIRECTORY))
        } catch {
            throw APIError(
                .artifactFailed, "output directory \(path): \(errnoDescription(error.errno))", details: ["path": path])
        }
    }

    /// Copies at most `limit` bytes of an open regular file to a new file of the directory.
    ///
    /// - Throws: `ArtifactRefusal`, with a reason that fits into one line. Nothing is left of the file then.
    func write(
        _ path: BoxPath, from source: borrowing OwnedDescriptor, limit: Int64
    ) throws(ArtifactRefusal) -> Int64 {
        let components = path.description.split(separator: "/").map(String.init)
        guard let name = components.last else { throw ArtifactRefusal(reason: "has no name") }
        var parent: OwnedDescriptor?
        for component in components.dropLast() {
            parent = try Self.directory(component, below: parent?.number ?? root.number)
        }
        let directory = parent?.number ?? root.number
        let file: OwnedDescriptor
        do {
            guard try Files.status(of: source.number).kind == .regular else {
                throw ArtifactRefusal(reason: "is not a regular file")
            }
            file = try Files.open(
                name, at: directory, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
        } catch let error as SystemCallError {
            throw ArtifactRefusal(error)
        } catch let error as ArtifactRefusal {
            throw error
        } catch {
            throw ArtifactRefusal(reason: "\(error)")
        }
        do {
            return try Self.copy(from: source.number, to: file.number, limit: limit)
        } catch {
            unlinkat(directory, name, 0)
            throw error
        }
    }

    private static func directory(_ name: String, below parent: Int32) throws(ArtifactRefusal) -> OwnedDescriptor {
        do {
            do {
                try Files.makeDirectory(name, at: parent)
            } catch  where error.errno == EEXIST {
                // Opened below, when it is a directory and no link.
            }
            return try Files.openDirectory(name, at: parent)
        } catch {
            throw ArtifactRefusal(error)
        }
    }

    private static func copy(from source: Int32, to target: Int32, limit: Int64) throws(ArtifactRefusal) -> Int64 {
        var offset: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 262_144)
        while true {
            let count = pread(source, &buffer, buffer.count, off_t(offset))
            if count < 0, lastErrno == EINTR { continue }
            if count < 0 { throw ArtifactRefusal(SystemCallError("pread", errno: lastErrno)) }
            if count == 0 { return offset }
            guard offset + Int64(count) <= limit else {
                throw ArtifactRefusal(reason: "is longer than the \(limit) bytes that were announced")
            }
            var done = 0
            while done < count {
                let written = buffer.withUnsafeBytes {
                    Glibc.write(target, $0.baseAddress.map { $0 + done }, count - done)
                }
                if written < 0, lastErrno == EINTR { continue }
                if written < 0 { throw ArtifactRefusal(SystemCallError("write", errno: lastErrno)) }
                done += written
            }
            offset += Int64(count)
        }
    }
}
