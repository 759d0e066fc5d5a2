internal import Foundation
internal import Glibc

extension ImageStore {
    /// Builds the root of an image unless it is there already, and waits when another process is building it.
    ///
    /// Cancelling the task kills the build's programs and removes what they made.
    /// - Parameters:
    ///   - offline: fail instead of using the network. OCI images never need it; Debian packages do unless they were
    ///     fetched before.
    ///   - rebuild: build again although the root is there, as for security updates; the old one goes when the new
    ///     one is finished.
    ///   - progress: called on the thread of the build.
    /// - Throws: `buildFailed`, `programMissing`, `badArchive`, `storage` or `cancelled`.
    package func build(
        _ image: Image, offline: Bool = false, rebuild: Bool = false,
        progress: @escaping @Sendable (BuildProgress) -> Void = { _ in }
    ) async throws(ImageError) -> BuiltRoot {
        let cancellation = BuildCancellation()
        let result: Result<BuiltRoot, ImageError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own: the build blocks for minutes, and its programs live as long as the thread.
                let thread = Thread {
                    continuation.resume(
                        returning: Result { () throws(ImageError) in
                            try buildHere(
                                image, offline: offline, rebuild: rebuild, cancellation: cancellation,
                                progress: progress)
                        })
                }
                thread.name = "image build"
                thread.stackSize = 8_388_608
                thread.start()
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    /// `build` on the calling thread, which must not end before the call returns.
    func buildHere(
        _ image: Image, offline: Bool, rebuild: Bool, cancellation: BuildCancellation,
        progress: @escaping @Sendable (BuildProgress) -> Void
    ) throws(ImageError) -> BuiltRoot {
        guard image.root.isBuilt else {
            throw ImageError(
                .buildFailed, "image \(image.name) has a \(image.root.kind) root: there is nothing to build")
        }
        let digest = try digest(of: image.root)
        if !rebuild, case .built(let metadata?) = state(of: digest), metadata.images.contains(image.name) {
            return BuiltRoot(digest: digest, path: paths.root(digest), metadata: metadata, reused: true)
        }
        guard geteuid() == 0 else {
            throw ImageError(.buildFailed, "building image \(image.name) needs root: run the command with sudo")
        }
        try paths.prepare()
        let arrived = Int64(time(nil))
        let lock = try RootLock.acquire(paths.lock(digest), cancellation: cancellation) { progress(.waiting) }
        defer { lock.release() }
        if case .built(let found) = state(of: digest), !rebuild || (found?.created ?? 0) > arrived {
            return try reuse(digest, image, found)
        }
        try clean(digest, of: image.root)
        try sweep(except: digest)
        return try buildLocked(image, digest, offline, cancellation, progress)
    }

    private func reuse(
        _ digest: ContentDigest, _ image: Image, _ found: RootMetadata?
    ) throws(ImageError) -> BuiltRoot {
        let text = try canonicalText(of: image.root)
        // The tree is whole without its metadata; only what it tells is lost.
        let unknown = RootMetadata(
            digest: digest.description, kind: image.root.kind, description: text, images: [],
            created: Int64(time(nil)), bytes: 0, files: 0, packages: [])
        var metadata = found ?? unknown
        if !metadata.images.contains(image.name) {
            metadata.images = (metadata.images + [image.name]).sorted()
            try metadata.write(paths.metadata(digest))
        }
        return BuiltRoot(digest: digest, path: paths.root(digest), metadata: metadata, reused: true)
    }

    private func buildLocked(
        _ image: Image, _ digest: ContentDigest, _ offline: Bool, _ cancellation: BuildCancellation,
        _ progress: @escaping @Sendable (BuildProgress) -> Void
    ) throws(ImageError) -> BuiltRoot {
        let directory = paths.temporary("building", digest)
        guard mkdir(directory, 0o700) == 0 else { throw systemFailure("cannot make \(directory)") }
        do throws(ImageError) {
            let began = Int64(time(nil))
            let task = BuildTask(
                directory: directory, cache: paths.cache, isOffline: offline, cancellation: cancellation,
                progress: progress)
            let packages = try builder(image.root).build(task)
            progress(.step("tidying"))
            let summary = try TreeTidying(began: began).run(directory)
            try cancellation.check()
            let metadata = RootMetadata(
                digest: digest.description, kind: image.root.kind, description: try canonicalText(of: image.root),
                images: [image.name], created: Int64(time(nil)), bytes: summary.bytes, files: summary.files,
                packages: packages)
            try publish(directory, digest, metadata, cancellation)
            return BuiltRoot(digest: digest, path: paths.root(digest), metadata: metadata, reused: false)
        } catch {
            try? removeTree(directory)
            throw error
        }
    }

    /// Gives a finished tree its name. The rename is the moment from which the root exists.
    private func publish(
        _ directory: String, _ digest: ContentDigest, _ metadata: RootMetadata, _ cancellation: BuildCancellation
    ) throws(ImageError) {
        // Everything on the disk first: a name that survives a power failure must not outlive its contents.
        let flush = BuildProgram(
            executable: try ProgramSearch.path(of: "sync", package: "coreutils"), arguments: ["-f", directory])
        try flush.run(name: "sync", cancellation: cancellation) { _ in }
        let final = paths.root(digest)
        let old = paths.temporary("removing", digest)
        let replaces = rename(final, old) == 0
        guard replaces || errno == ENOENT else { throw systemFailure("cannot move \(final) away") }
        try metadata.write(paths.metadata(digest))
        guard rename(directory, final) == 0 else { throw systemFailure("cannot rename \(directory) to \(final)") }
        if replaces { try removeTree(old) }
    }

    /// Removes what dead builds of this very description left, keeping their downloads. The lock is held.
    private func clean(_ digest: ContentDigest, of root: RootDescription) throws(ImageError) {
        for name in try paths.names() where StorePaths.unfinished(name) == digest {
            let path = paths.roots + "/" + name
            if case .debian = root { try PackageCache(below: paths.cache).keep(from: path) }
            try removeTree(path)
        }
    }

    /// Removes what dead builds of other descriptions left: those whose lock no process holds.
    private func sweep(except digest: ContentDigest) throws(ImageError) {
        for name in try paths.names() {
            guard let other = StorePaths.unfinished(name), other != digest else { continue }
            guard let lock = try RootLock.tryAcquire(paths.lock(other)) else { continue }
            defer { lock.release() }
            try removeTree(paths.roots + "/" + name)
        }
    }

    /// Removes a directory of the store with all it holds; one that is gone is fine.
    func removeTree(_ path: String) throws(ImageError) {
        let name = Array(path.utf8.suffix(from: path.utf8.index(path.startIndex, offsetBy: paths.roots.utf8.count + 1)))
        try TreeDirectory(paths.roots).remove(name)
    }
}
