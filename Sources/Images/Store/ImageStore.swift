internal import Foundation
internal import Glibc
package import SandboxSpec

/// The roots of all images on this machine, each under the digest of its description.
///
/// Any number of processes and threads may use one store concurrently. Calls block on the disk, except `build`, which
/// works on a thread of its own.
package struct ImageStore: Sendable {
    /// Part of every digest: raised when the same description would give another tree.
    static let builderVersion = 1

    let paths: StorePaths
    private let metadata = RootMetadataCache()
    private let digests = RootDigestCache()
    let builder: @Sendable (RootDescription) throws(ImageError) -> any RootBuilder

    /// - Parameter state: the state directory, such as `/var/lib/nestbox`; made by the first build.
    package init(state: String) {
        self.init(state: state) { (description) throws(ImageError) in try Self.standardBuilder(for: description) }
    }

    /// A store with another way to build, for tests.
    package init(state: String, builder: @escaping @Sendable (RootDescription) throws(ImageError) -> any RootBuilder) {
        paths = StorePaths(state: state)
        self.builder = builder
    }

    /// Where the finished roots are: the directory the warden has to be given as an image root.
    package var rootsDirectory: String { paths.roots }

    private static func standardBuilder(for description: RootDescription) throws(ImageError) -> any RootBuilder {
        switch description {
        case .debian(let root): return DebianBuilder(root: root)
        case .oci(let root): return OCIBuilder(root: root)
        case .host, .directory: throw ImageError(.buildFailed, "a \(description.kind) root is not built")
        }
    }

    /// What a sandbox of this image runs on.
    ///
    /// - Throws: `notBuilt` with the command that fixes it, `unusableRoot` for a directory that is not safe to use.
    package func resolve(_ image: Image) throws(ImageError) -> RootSource {
        switch image.root {
        case .host: return .host
        case .directory(let path): return .tree(try OperatorDirectory.check(path, of: image))
        case .debian, .oci:
            let digest = try digest(of: image)
            // Each run asks: what the metadata would tell is not read.
            switch state(of: digest, reading: false) {
            case .built: return .tree(paths.root(digest))
            case .building: throw notBuilt(image, "is being built just now")
            case .interrupted: throw notBuilt(image, "is half built")
            case .missing, .ready: throw notBuilt(image, "is not built")
            case .unusable(let reason): throw ImageError(.unusableRoot, "image \(image.name): \(reason)")
            }
        }
    }

    private func notBuilt(_ image: Image, _ what: String) -> ImageError {
        ImageError(.notBuilt, "image \(image.name) \(what): run `nestbox image build \(image.name)`")
    }

    /// The digest that names the root of a description.
    ///
    /// - Throws: `badArchive` or `storage` if an OCI image cannot be read; `buildFailed` for roots without a digest.
    package func digest(of root: RootDescription) throws(ImageError) -> ContentDigest {
        ContentDigest(of: Array(try canonicalText(of: root).utf8))
    }

    /// The same of an image, whose digest is not worked out twice: `resolve` has to cost no more than a look at the root.
    private func digest(of image: Image) throws(ImageError) -> ContentDigest {
        try digests.digest(of: image) { (root) throws(ImageError) in try digest(of: root) }
    }

    func canonicalText(of root: RootDescription) throws(ImageError) -> String {
        let head = "nestbox root, builder \(Self.builderVersion)\n"
        switch root {
        case .debian(let debian): return head + debian.canonicalText
        case .oci(let oci): return head + "oci \(try OCISource.open(oci).identity)\n"
        case .host, .directory: throw ImageError(.buildFailed, "a \(root.kind) root is not built")
        }
    }

    /// How it stands with every image, in the order given.
    package func list(_ images: [Image]) -> [ImageStatus] {
        images.map { status(of: $0) }
    }

    /// How it stands with one image. Never throws: what is wrong is its state.
    package func status(of image: Image) -> ImageStatus {
        var digest: ContentDigest?
        var state = RootState.ready
        var path: String?
        do throws(ImageError) {
            switch image.root {
            case .host: break
            case .directory(let directory): path = try OperatorDirectory.check(directory, of: image)
            case .debian, .oci:
                let found = try self.digest(of: image)
                digest = found
                state = self.state(of: found)
                if case .built = state { path = paths.root(found) }
            }
        } catch {
            // What an operator has to make is missing like what is to be built.
            state = error.code == .notBuilt ? .missing : .unusable(error.message)
        }
        var bytes: Int64?
        var packages: [PackageVersion] = []
        if case .built(let metadata?) = state { (bytes, packages) = (metadata.bytes, metadata.packages) }
        return ImageStatus(
            name: image.name, aliases: image.aliases, description: image.description,
            version: image.release?.exact(in: packages), rootKind: image.root.kind,
            state: state, digest: digest, bytes: bytes, path: path)
    }

    /// How it stands with the root of a digest.
    ///
    /// - Parameter reading: whether what is known about a finished root is wanted.
    func state(of digest: ContentDigest, reading: Bool = true) -> RootState {
        var status = stat()
        if lstat(paths.root(digest), &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() || status.st_uid == 0 else {
                return .unusable("\(paths.root(digest)) is not a directory of root's")
            }
            return .built(reading ? metadata.read(paths.metadata(digest)) : nil)
        }
        do throws(ImageError) {
            guard try paths.names().contains(where: { StorePaths.unfinished($0) == digest }) else { return .missing }
            return RootLock.isHeld(paths.lock(digest)) ? .building : .interrupted
        } catch {
            return .interrupted
        }
    }
}
