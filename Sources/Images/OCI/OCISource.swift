internal import ConfigurationFiles

/// An image chosen from a layout or archive on disk: what it is, and which layers make it.
struct OCISource {
    struct Layer: Equatable {
        /// Its name in the blob store.
        let blob: String
        /// The digest of the blob as it lies there; nil where the archive does not say (saved Docker images).
        let digest: ContentDigest?
        /// The digest of the uncompressed layer.
        let content: ContentDigest
    }

    /// The most layers an image may have; storage drivers stop at 127.
    static let maximumLayers = 512
    private static let maximumNesting = 3

    #if arch(arm64)
        static let architecture = "arm64"
    #else
        static let architecture = "amd64"
    #endif

    let store: BlobStore
    /// Changes whenever the content does: the manifest's digest, or the configuration's for a saved Docker image.
    let identity: String
    let layers: [Layer]

    /// Finds the image an `image.yaml` means.
    ///
    /// - Throws: `badArchive` when there is none, several, or one for another platform.
    static func open(_ root: OCIRoot) throws(ImageError) -> OCISource {
        let store = try BlobStore(path: root.path)
        // Newer Docker saves both forms in one archive; the OCI one says more.
        if store.contains("index.json") { return try layout(store, reference: root.reference) }
        if store.contains("manifest.json") { return try saved(store, reference: root.reference) }
        throw ImageError(
            .badArchive, "\(root.path) has neither index.json (OCI layout) nor manifest.json (saved Docker image)")
    }

    // MARK: - OCI layout

    private static func layout(_ store: BlobStore, reference: String?) throws(ImageError) -> OCISource {
        let index = try store.decode(OCIIndex.self, store.document("index.json"), name: "index.json")
        var found = index.manifests
        if let reference {
            found = found.filter { $0.names.contains(reference) }
            let names = index.manifests.flatMap(\.names)
            guard !found.isEmpty else { throw missing(reference, names, in: store) }
        }
        var descriptor = try choose(found, in: store)
        for _ in 0..<maximumNesting where isIndex(descriptor) {
            let bytes = try verified(descriptor, in: store)
            let inner = try store.decode(OCIIndex.self, bytes, name: descriptor.digest)
            descriptor = try choose(inner.manifests, in: store)
        }
        let bytes = try verified(descriptor, in: store)
        let manifest = try store.decode(OCIManifest.self, bytes, name: descriptor.digest)
        let configuration = try store.decode(
            OCIConfiguration.self, verified(manifest.config, in: store), name: manifest.config.digest)
        let contents = try contents(configuration, count: manifest.layers.count, in: store)
        var layers: [Layer] = []
        for (layer, content) in zip(manifest.layers, contents) {
            let digest = try digest(layer.digest, in: store)
            layers.append(Layer(blob: "blobs/sha256/\(digest)", digest: digest, content: content))
        }
        return OCISource(store: store, identity: descriptor.digest, layers: layers)
    }

    private static func isIndex(_ descriptor: OCIDescriptor) -> Bool {
        descriptor.mediaType?.contains("image.index") == true
            || descriptor.mediaType?.contains("manifest.list") == true
    }

    /// The one for our platform. An image without a platform counts: its configuration has the last word.
    private static func choose(_ found: [OCIDescriptor], in store: BlobStore) throws(ImageError) -> OCIDescriptor {
        let fitting = found.filter {
            $0.platform.map { $0.os == "linux" && $0.architecture == architecture } ?? true
        }
        guard let first = fitting.first else {
            throw ImageError(.badArchive, "\(store.path) has no image for linux/\(architecture)")
        }
        guard fitting.allSatisfy({ $0.digest == first.digest }) else {
            throw ambiguous(fitting.flatMap(\.names), in: store)
        }
        return first
    }

    /// A small blob, checked against its digest and size.
    private static func verified(_ descriptor: OCIDescriptor, in store: BlobStore) throws(ImageError) -> [UInt8] {
        let digest = try digest(descriptor.digest, in: store)
        let bytes = try store.document("blobs/sha256/\(digest)")
        guard bytes.count == descriptor.size, ContentDigest(of: bytes) == digest else {
            throw ImageError(.badArchive, "blob \(digest.short) of \(store.path) does not match its digest or size")
        }
        return bytes
    }

    // MARK: - Saved Docker image

    private static func saved(_ store: BlobStore, reference: String?) throws(ImageError) -> OCISource {
        var found = try store.decode([DockerManifest].self, store.document("manifest.json"), name: "manifest.json")
        let names = found.flatMap { $0.repoTags ?? [] }
        if let reference {
            found = found.filter { $0.repoTags?.contains(reference) == true }
            guard !found.isEmpty else { throw missing(reference, names, in: store) }
        }
        guard let manifest = found.first else { throw ImageError(.badArchive, "\(store.path) holds no image") }
        guard found.count == 1 else { throw ambiguous(names, in: store) }
        let bytes = try store.document(try TarPath.name(manifest.config))
        let configuration = try store.decode(OCIConfiguration.self, bytes, name: manifest.config)
        let contents = try contents(configuration, count: manifest.layers.count, in: store)
        var layers: [Layer] = []
        for (layer, content) in zip(manifest.layers, contents) {
            layers.append(Layer(blob: try TarPath.name(layer), digest: nil, content: content))
        }
        return OCISource(store: store, identity: "sha256:\(ContentDigest(of: bytes))", layers: layers)
    }

    // MARK: - Both

    /// The digests of the uncompressed layers, after a look at the platform.
    private static func contents(
        _ configuration: OCIConfiguration, count: Int, in store: BlobStore
    ) throws(ImageError) -> [ContentDigest] {
        guard configuration.os == "linux", configuration.architecture == architecture else {
            let platform = ConfigurationDiagnostic.quote("\(configuration.os)/\(configuration.architecture)")
            throw ImageError(
                .badArchive, "\(store.path) holds an image for \(platform), needed is linux/\(architecture)")
        }
        let identifiers = configuration.rootfs.diffIDs
        guard identifiers.count == count, count <= maximumLayers else {
            throw ImageError(
                .badArchive,
                "\(store.path) has \(count) layers and \(identifiers.count) digests for them, allowed "
                    + "are as many of both and at most \(maximumLayers)")
        }
        var digests: [ContentDigest] = []
        for identifier in identifiers { digests.append(try digest(identifier, in: store)) }
        return digests
    }

    private static func digest(_ text: String, in store: BlobStore) throws(ImageError) -> ContentDigest {
        guard text.hasPrefix("sha256:"), let digest = ContentDigest(hex: text.dropFirst(7)) else {
            throw ImageError(
                .badArchive, "\(store.path) names the digest \(ConfigurationDiagnostic.quote(text)), allowed is sha256")
        }
        return digest
    }

    private static func missing(_ reference: String, _ names: [String], in store: BlobStore) -> ImageError {
        let known =
            names.isEmpty
            ? "no names at all" : names.prefix(20).map(ConfigurationDiagnostic.quote).joined(separator: ", ")
        return ImageError(
            .badArchive, "\(store.path) has no image \(ConfigurationDiagnostic.quote(reference)); there is: \(known)")
    }

    private static func ambiguous(_ names: [String], in store: BlobStore) -> ImageError {
        let known = names.prefix(20).map(ConfigurationDiagnostic.quote).joined(separator: ", ")
        return ImageError(
            .badArchive, "\(store.path) holds several images: choose one with `reference`; there is: \(known)")
    }
}
