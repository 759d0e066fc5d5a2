internal import Glibc

/// Builds a root from the layers of an OCI image on disk.
struct OCIBuilder: RootBuilder {
    let root: OCIRoot
    /// O_TMPFILE, which needs _GNU_SOURCE.
    private static let temporaryFile = 0o20000000 | O_DIRECTORY

    /// A fresh one for every build.
    var makeBudget: @Sendable () -> ExtractionBudget = { ExtractionBudget() }

    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion] {
        let source = try OCISource.open(root)
        let budget = makeBudget()
        var extractor = try LayerExtractor(
            directory: task.directory, budget: budget, cancellation: task.cancellation)
        for (index, layer) in source.layers.enumerated() {
            task.progress(.step("extracting layer \(index + 1) of \(source.layers.count)"))
            try verify(layer, in: source.store, task.cancellation)
            let stream = LayerStream(try open(layer, in: source.store, task), budget: budget)
            try extractor.apply(stream)
            guard try stream.finish() == layer.content else {
                throw ImageError(
                    .badArchive, "layer \(index + 1) of \(root.path) does not match its digest \(layer.content.short)")
            }
        }
        return try DpkgStatus.packages(in: task.directory)
    }

    /// Checks a blob against its digest before anything in it is believed.
    private func verify(
        _ layer: OCISource.Layer, in store: BlobStore, _ cancellation: BuildCancellation
    ) throws(ImageError) {
        guard let expected = layer.digest else { return }
        let source = try store.open(layer.blob).source()
        var digest = ContentDigest.Running()
        while true {
            try cancellation.check()
            let bytes = try source.read(1_048_576)
            if bytes.isEmpty { break }
            digest.update(bytes)
        }
        guard digest.finish() == expected else {
            throw ImageError(.badArchive, "blob \(expected.short) of \(root.path) does not match its digest")
        }
    }

    /// The uncompressed bytes of a layer.
    private func open(
        _ layer: OCISource.Layer, in store: BlobStore, _ task: BuildTask
    ) throws(ImageError) -> any ByteSource {
        let blob = try store.open(layer.blob)
        switch Compression(magic: try blob.file.read(at: blob.range.lowerBound, count: 4)) {
        case .none: return blob.source()
        case .gzip:
            if blob.range.lowerBound == 0 { return try GzipSource(blob.handOver(), cancellation: task.cancellation) }
            return try GzipSource(try copy(blob, beside: task.directory), cancellation: task.cancellation)
        case .zstd:
            throw ImageError(
                .badArchive,
                "a layer of \(root.path) is compressed with zstd, which is not supported: save the image with gzip")
        case .other:
            throw ImageError(
                .badArchive, "a layer of \(root.path) is compressed in a way that is not supported: use gzip")
        }
    }

    /// A nameless copy of a part of an archive: the decompressor reads a file to its end.
    private func copy(
        _ blob: borrowing BlobFile, beside directory: String
    ) throws(ImageError) -> FileDescriptor {
        let parent = String(directory[..<(directory.lastIndex(of: "/") ?? directory.startIndex)])
        let file = try FileDescriptor(parent, flags: Self.temporaryFile | O_RDWR, mode: 0o600)
        var offset = blob.range.lowerBound
        while offset < blob.range.upperBound {
            let bytes = try blob.file.read(at: offset, count: Int(min(1_048_576, blob.range.upperBound - offset)))
            guard !bytes.isEmpty else { throw TarHeader.malformed("it ends in the middle of a layer") }
            try writeAll(bytes, to: file)
            offset += Int64(bytes.count)
        }
        guard lseek(file.number, 0, SEEK_SET) == 0 else { throw systemFailure("cannot rewind a copy") }
        return file
    }
}

extension BlobFile {
    /// The blob's bytes, from the first to the last.
    consuming func source() -> FileSource {
        let range = self.range
        return FileSource(file, range: range)
    }

    /// Gives up the file itself.
    consuming func handOver() -> FileDescriptor {
        file
    }
}
