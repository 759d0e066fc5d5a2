/// The bytes of one layer on their way to the tar reader: counted against the budget and hashed.
final class LayerStream: ByteSource {
    private let source: any ByteSource
    private let budget: ExtractionBudget
    private var digest = ContentDigest.Running()

    init(_ source: any ByteSource, budget: ExtractionBudget) {
        self.source = source
        self.budget = budget
    }

    func read(_ count: Int) throws(ImageError) -> [UInt8] {
        let bytes = try source.read(count)
        try budget.spend(bytes: bytes.count)
        digest.update(bytes)
        return bytes
    }

    func skip(_ count: Int64) throws(ImageError) {
        var left = count
        while left > 0 {
            let bytes = try read(Int(min(left, 262_144)))
            if bytes.isEmpty { return }
            left -= Int64(bytes.count)
        }
    }

    /// Reads what is left (an archive may end in any number of empty blocks) and tells the digest of it all.
    func finish() throws(ImageError) -> ContentDigest {
        while try !read(262_144).isEmpty {}
        return digest.finish()
    }
}

/// What all layers of one image together may cost.
final class ExtractionBudget {
    /// Bytes of all uncompressed layers, headers included: 16 GiB.
    static let standardBytes: Int64 = 17_179_869_184
    static let standardEntries = 500_000

    private let maximumBytes: Int64
    private let maximumEntries: Int
    private var bytes: Int64 = 0
    private var entries = 0

    init(maximumBytes: Int64 = standardBytes, maximumEntries: Int = standardEntries) {
        self.maximumBytes = maximumBytes
        self.maximumEntries = maximumEntries
    }

    func spend(bytes count: Int) throws(ImageError) {
        bytes += Int64(count)
        guard bytes <= maximumBytes else {
            throw ImageError(.badArchive, "the layers hold more than \(maximumBytes) bytes uncompressed")
        }
    }

    func spendEntry() throws(ImageError) {
        entries += 1
        guard entries <= maximumEntries else {
            throw ImageError(.badArchive, "the layers hold more than \(maximumEntries) files")
        }
    }
}
