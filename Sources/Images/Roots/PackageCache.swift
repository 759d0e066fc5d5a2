internal import Glibc

/// Package files that an interrupted or failed build had already downloaded, kept for the next one.
///
/// Only trees that were built from Debian packages are searched, and only by the build of the same description: a
/// foreign archive could otherwise plant a package.
struct PackageCache {
    private static let archives = ["var", "cache", "apt", "archives"]

    let path: String

    /// Hard-links the cached packages into a new root, where apt looks before it downloads.
    ///
    /// - Returns: how many there are.
    func link(into root: String) throws(ImageError) -> Int {
        guard access(path, R_OK) == 0 else { return 0 }
        let cache = try TreeDirectory(path)
        let names = try cache.entries().filter { $0.suffix(4).elementsEqual(".deb".utf8) }
        if names.isEmpty { return 0 }
        var directory = try TreeDirectory(root)
        for component in Self.archives {
            try directory.makeDirectory(Array(component.utf8), mode: 0o755)
            directory = try directory.directory(Array(component.utf8))
        }
        for name in names {
            let from = cache.descriptor.number
            let to = directory.descriptor.number
            guard cache.withName(name, { linkat(from, $0, to, $0, 0) }) == 0 else {
                throw systemFailure("cannot use the cached package \(shown(name))")
            }
        }
        return names.count
    }

    /// Moves complete package files of a dead build here. apt keeps incomplete ones elsewhere.
    func salvage(from root: String) throws(ImageError) {
        guard access(root, R_OK) == 0 else { return }
        var directory = try TreeDirectory(root)
        for component in Self.archives {
            guard try directory.isDirectory(Array(component.utf8)) else { return }
            directory = try directory.directory(Array(component.utf8))
        }
        let names = try directory.entries().filter { $0.suffix(4).elementsEqual(".deb".utf8) }
        if names.isEmpty { return }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw systemFailure("cannot make \(path)") }
        let cache = try TreeDirectory(path)
        for name in names where try directory.isFile(name) {
            let from = directory.descriptor.number
            let to = cache.descriptor.number
            guard cache.withName(name, { renameat(from, $0, to, $0) }) == 0 else {
                throw systemFailure("cannot keep the package \(shown(name))")
            }
        }
    }

    /// Forgets all packages: the root they were for is finished.
    func clear() throws(ImageError) {
        guard access(path, R_OK) == 0 else { return }
        try TreeDirectory(path).removeContents()
        _ = rmdir(path)
    }
}
