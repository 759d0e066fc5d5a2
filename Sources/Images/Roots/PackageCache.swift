internal import Foundation
internal import Glibc

/// Package lists and packages that were fetched once, kept for all roots: one partial mirror for each source.
///
/// - `<source>/mirror.list`: for apt, says to look here for packages before the source itself is asked
/// - `<source>/dists/…`, `<source>/pool/…`: as on the source
///
/// apt reads it like any other mirror, so each list is checked against the archive's signature and each package against
/// its list, every time. `<source>` is the beginning of the digest of the source's URI.
struct PackageCache {
    /// What packages may take together before the longest unused go: 8 GiB.
    static let standardBytes: Int64 = 8_589_934_592

    /// An absolute path.
    let path: String
    let maximumBytes: Int64

    /// - Parameter cache: the directory of all caches.
    init(below cache: String, maximumBytes: Int64 = standardBytes) {
        path = cache + "/debian"
        self.maximumBytes = maximumBytes
    }

    /// Whether apt's one-line sources can name this place.
    var isUsable: Bool {
        path.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                || "/._-+".utf8.contains(byte)
        }
    }

    /// Where the copy of a source is.
    func directory(of source: PackageSource) -> String {
        "\(path)/\(ContentDigest(of: Array(source.uri.utf8)).short)"
    }

    /// The lines for mmdebstrap: sources in the network by way of the cache, others as they are.
    func lines(_ sources: [PackageSource], isOffline: Bool) -> [String] {
        sources.map { source in
            guard source.isRemote else { return source.line }
            let directory = directory(of: source)
            return isOffline ? source.line(copy: directory) : source.line(mirrorList: "\(directory)/mirror.list")
        }
    }

    /// Writes the list of sources for apt, readable by all users: apt fetches as a user of its own.
    func prepare(_ sources: [PackageSource]) throws(ImageError) {
        for source in sources where source.isRemote {
            let directory = directory(of: source)
            let uri = source.uri.hasSuffix("/") ? source.uri : source.uri + "/"
            try StorePaths.makeDirectory(directory)
            // A list is always the source's own: an old one would hide security fixes.
            let text = "copy:\(directory)/\tpriority:1 type:deb\n\(uri)\tpriority:2\n"
            guard (try? String(contentsOfFile: "\(directory)/mirror.list", encoding: .utf8)) != text else { continue }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/mirror.list"), options: .atomic)
            } catch {
                throw ImageError(.storage, "cannot write \(directory)/mirror.list: \(error.localizedDescription)")
            }
            guard chmod("\(directory)/mirror.list", 0o644) == 0 else {
                throw systemFailure("cannot open up \(directory)")
            }
        }
    }

    /// The sources whose lists were never fetched.
    func missing(_ sources: [PackageSource]) -> [PackageSource] {
        sources.filter { source in
            let suite = "\(directory(of: source))/dists/\(source.suite)"
            return source.isRemote && access(suite + "/InRelease", R_OK) != 0 && access(suite + "/Release", R_OK) != 0
        }
    }

    /// Hard-links the lists into a new root: apt asks whether they have changed and fetches only those that have.
    func lend(_ sources: [PackageSource], to root: String) throws(ImageError) {
        var directory = try TreeDirectory(root)
        for component in ["var", "lib", "apt", "lists"] {
            let name = Array(component.utf8)
            if try directory.status(name) == nil { try directory.makeDirectory(name, mode: 0o755) }
            directory = try directory.directory(name)
        }
        for copy in Set(sources.filter(\.isRemote).map { self.directory(of: $0) }) {
            for file in Self.files(below: "\(copy)/dists") {
                let name = AptFileName.encode("\(copy)/mirror.list/dists/\(file.path)")
                let to = directory.descriptor.number
                let result = directory.withName(Array(name.utf8)) { linkat(AT_FDCWD, file.full, to, $0, 0) }
                // Gone in the meantime, or of another file system: apt fetches it.
                guard result == 0 || [ENOENT, EXDEV, EEXIST].contains(errno) else {
                    throw systemFailure("cannot use the package list \(file.path)")
                }
            }
        }
    }

    /// One file of the cache.
    struct File {
        /// Below the directory that was searched.
        let path: String
        let full: String
        let bytes: Int64
        /// When it was last of use.
        let used: Int64
    }

    /// All regular files below a directory of the cache; none when there is no such directory.
    static func files(below directory: String) -> [File] {
        guard let found = FileManager.default.enumerator(atPath: directory) else { return [] }
        var files: [File] = []
        while let name = found.nextObject() as? String {
            var status = stat()
            let full = "\(directory)/\(name)"
            guard lstat(full, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            files.append(
                File(
                    path: name, full: full, bytes: Int64(status.st_blocks) * 512, used: Int64(status.st_mtim.tv_sec)))
        }
        return files
    }

    /// Removes the longest unused packages until the rest fits.
    func prune() {
        let packages = Self.files(below: path).filter { $0.path.hasSuffix(".deb") }.sorted { $0.used < $1.used }
        var total = packages.reduce(0) { $0 + $1.bytes }
        for package in packages where total > maximumBytes {
            unlink(package.full)
            total -= package.bytes
        }
    }
}
