internal import Glibc

extension ImageStore {
    /// Removes a finished root and what is known about it.
    ///
    /// The tree loses its name first, so that no process finds it half removed. Sandboxes that run on it just now keep
    /// their mounts, but files they have not opened yet vanish: remove roots of idle images.
    /// - Throws: `inUse` while a build holds it, `notBuilt` if there is none.
    package func remove(_ digest: ContentDigest) throws(ImageError) {
        let missing = ImageError(.notBuilt, "there is no root \(digest.short) in \(paths.roots)")
        guard access(paths.roots, F_OK) == 0 else { throw missing }
        guard let lock = try RootLock.tryAcquire(paths.lock(digest)) else {
            throw ImageError(.inUse, "root \(digest.short) is being built or removed by another process")
        }
        defer { lock.release() }
        let going = paths.temporary("removing", digest)
        guard rename(paths.root(digest), going) == 0 else {
            guard errno == ENOENT else { throw systemFailure("cannot move \(paths.root(digest)) away") }
            throw missing
        }
        guard unlink(paths.metadata(digest)) == 0 || errno == ENOENT else {
            throw systemFailure("cannot remove \(paths.metadata(digest))")
        }
        try removeTree(going)
    }

    /// The images that share the root of `digest`, by name.
    package func users(of digest: ContentDigest, among images: [Image]) -> [String] {
        images.filter { status(of: $0).digest == digest }.map(\.name)
    }

    /// What lies in the store and belongs to none of `images`: roots by their digest, leftovers of dead builds, and what
    /// was fetched for others.
    package func garbage(keeping images: [Image]) throws(ImageError) -> [GarbageItem] {
        let kept = Set(images.compactMap { status(of: $0).digest })
        var items: [GarbageItem] = []
        for name in try paths.names() {
            let path = paths.roots + "/" + name
            if let digest = ContentDigest(hex: name), !kept.contains(digest) {
                let metadata = RootMetadata.read(paths.metadata(digest))
                items.append(
                    GarbageItem(
                        kind: .root, path: path, digest: digest, images: metadata?.images ?? [],
                        bytes: try TreeDirectory(path).usage()))
            } else if let digest = StorePaths.unfinished(name), !RootLock.isHeld(paths.lock(digest)) {
                items.append(
                    GarbageItem(
                        kind: .leftover, path: path, digest: digest, images: [],
                        bytes: try TreeDirectory(path).usage()))
            } else if name.hasSuffix(".json"), let digest = ContentDigest(hex: name.dropLast(5)),
                case .missing = state(of: digest)
            {
                // A build that died between writing this and giving the root its name.
                items.append(GarbageItem(kind: .leftover, path: path, digest: digest, images: [], bytes: 0))
            }
        }
        return items + (try cacheGarbage(keeping: images))
    }

    /// Removes what `garbage(keeping:)` found.
    package func remove(_ item: GarbageItem) throws(ImageError) {
        switch item.kind {
        case .root:
            if let digest = item.digest { try remove(digest) }
        case .leftover:
            guard let digest = item.digest, let lock = try RootLock.tryAcquire(paths.lock(digest)) else {
                throw ImageError(.inUse, "\(item.path) is in use by a build")
            }
            defer { lock.release() }
            try removeTree(item.path)
        case .cache: try removeCached(item.path)
        }
    }
}
