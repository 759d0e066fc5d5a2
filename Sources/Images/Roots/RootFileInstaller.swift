internal import Glibc
internal import SandboxSpec

/// Puts the files of a description into a tree that is being built.
enum RootFileInstaller {
    /// Installs `files` under `root`: they belong to the user that builds, mode 0644; missing directories are made, 0755. What
    /// a package put there is replaced. No symbolic link is followed.
    ///
    /// - Throws: `buildFailed` when a source is not what it was when the description was read.
    static func install(_ files: [RootFile], into root: String) throws(ImageError) {
        for file in files {
            let bytes = try contents(of: file.source)
            guard ContentDigest(of: bytes) == file.digest else {
                throw ImageError(.buildFailed, "\(file.source) changed while the root was being built: build it again")
            }
            do throws(ImageError) {
                let components = file.path.description.split(separator: "/").map { Array($0.utf8) }
                try install(bytes, at: components[...], in: try TreeDirectory(root))
            } catch {
                throw ImageError(.buildFailed, "cannot put /\(file.path) into the root: \(error.message)")
            }
        }
    }

    private static func install(
        _ bytes: [UInt8], at path: ArraySlice<[UInt8]>, in directory: borrowing TreeDirectory
    ) throws(ImageError) {
        guard let name = path.first else { return }
        if path.count > 1 {
            if try directory.status(name) == nil { try directory.makeDirectory(name, mode: 0o755) }
            return try install(bytes, at: path.dropFirst(), in: try directory.directory(name))
        }
        guard try !directory.isDirectory(name) else {
            throw ImageError(.buildFailed, "a directory of that name is there")
        }
        try directory.remove(name)
        try writeAll(bytes, to: try directory.makeFile(name))
        try directory.setMode(name, 0o644)
    }

    /// All bytes of a regular file of at most `limit` bytes.
    static func contents(of path: String, limit: Int = RootFile.maximumBytes) throws(ImageError) -> [UInt8] {
        // Opening a pipe would wait for a writer.
        let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw systemFailure("cannot look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ImageError(.storage, "\(path) is no regular file") }
        let bytes = try file.read(at: 0, count: limit + 1)
        guard bytes.count <= limit else {
            throw ImageError(.storage, "\(path) has more than \(limit) bytes")
        }
        return bytes
    }
}
