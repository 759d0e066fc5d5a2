internal import Glibc

extension ImageStore {
    /// What was fetched and is no part of a built root of `images`: packages, the lists when no root is built any more,
    /// wheels no image names, and whatever an older version or a dead build has left there.
    func cacheGarbage(keeping images: [Image]) throws(ImageError) -> [GarbageItem] {
        let known = [PackageCache(below: paths.cache).path, WheelCache(below: paths.cache).path]
        var items: [GarbageItem] = []
        for name in try cachedNames(in: paths.cache) where !known.contains("\(paths.cache)/\(name)") {
            items.append(try cached("\(paths.cache)/\(name)"))
        }
        return items + (try packageGarbage(keeping: images)) + (try wheelGarbage(keeping: images))
    }

    private func packageGarbage(keeping images: [Image]) throws(ImageError) -> [GarbageItem] {
        let cache = PackageCache(below: paths.cache)
        var wanted: Set<String> = []
        for image in images {
            guard case .built(let metadata?) = status(of: image).state else { continue }
            for package in metadata.packages { wanted.insert(Self.stem(package)) }
        }
        var items: [GarbageItem] = []
        // A build just now takes from it, and has more to bring.
        guard !RootLock.isHeld(cache.path + "/.lock"), try !hasBuilds() else { return [] }
        for source in try cachedNames(in: cache.path) where !source.hasPrefix(".") {
            let directory = "\(cache.path)/\(source)"
            let packages = PackageCache.files(below: directory).filter { $0.path.hasSuffix(".deb") }
            let unused = packages.filter { file in
                let name = file.path.split(separator: "/").last ?? ""
                return !wanted.contains(String(name[..<(name.lastIndex(of: "_") ?? name.endIndex)]))
            }
            // The lists of a source without packages are still wanted by offline builds, as long as there are any.
            if wanted.isEmpty {
                items.append(try cached(directory))
            } else {
                items += unused.map {
                    GarbageItem(kind: .cache, path: $0.full, digest: nil, images: [], bytes: $0.bytes)
                }
            }
        }
        return items
    }

    private func wheelGarbage(keeping images: [Image]) throws(ImageError) -> [GarbageItem] {
        let cache = WheelCache(below: paths.cache)
        var wanted: Set<String> = []
        for case .debian(let root) in images.map(\.root) {
            for wheel in root.wheels { wanted.insert(cache.place(of: wheel.digest)) }
        }
        guard try !hasBuilds() else { return [] }
        var items: [GarbageItem] = []
        for name in try cachedNames(in: cache.path) where !wanted.contains("\(cache.path)/\(name)") {
            items.append(try cached("\(cache.path)/\(name)"))
        }
        return items
    }

    /// Whether a process builds anything at this moment.
    private func hasBuilds() throws(ImageError) -> Bool {
        try paths.names().contains { name in
            StorePaths.unfinished(name).map { RootLock.isHeld(paths.lock($0)) } ?? false
        }
    }

    /// `name_version`, as package files are called; an epoch is not part of it.
    private static func stem(_ package: PackageVersion) -> String {
        let version = package.version.split(separator: ":", maxSplits: 1).last ?? ""
        return "\(package.name)_\(version)"
    }

    private func cachedNames(in directory: String) throws(ImageError) -> [String] {
        guard access(directory, F_OK) == 0 else { return [] }
        return try TreeDirectory(directory).entries().map { String(decoding: $0, as: UTF8.self) }
    }

    private func cached(_ path: String) throws(ImageError) -> GarbageItem {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw systemFailure("cannot look at \(path)") }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        let bytes = isDirectory ? try TreeDirectory(path).usage() : Int64(status.st_blocks) * 512
        return GarbageItem(kind: .cache, path: path, digest: nil, images: [], bytes: bytes)
    }

    /// Removes something below the caches, and directories that are empty then.
    func removeCached(_ path: String) throws(ImageError) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let parent = String(path[..<slash])
        guard parent.hasPrefix(paths.cache) else { throw ImageError(.storage, "\(path) is not in \(paths.cache)") }
        try TreeDirectory(parent).remove(Array(path[path.index(after: slash)...].utf8))
        var directory = parent
        while directory.hasPrefix(paths.cache + "/debian/"), rmdir(directory) == 0 {
            directory = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
        }
    }
}
