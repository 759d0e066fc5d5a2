/// A path inside an archive, cut into components that are safe to create one below the other.
struct TarPath: Hashable {
    static let maximumBytes = 4096
    static let maximumDepth = 128
    static let maximumComponentBytes = 255

    /// Empty for the root of the archive itself.
    let components: [[UInt8]]

    /// - Throws: `badArchive` for an absolute path, one with `..`, or one that is too long or too deep.
    init(_ bytes: [UInt8]) throws(ImageError) {
        func reject(_ reason: String) -> ImageError {
            ImageError(.badArchive, "the archive holds the path \(shown(bytes)), which \(reason)")
        }
        guard bytes.count <= Self.maximumBytes else { throw reject("is longer than \(Self.maximumBytes) bytes") }
        guard bytes.first != 0x2f else { throw reject("is absolute") }
        guard !bytes.contains(0) else { throw reject("contains a NUL") }
        var components: [[UInt8]] = []
        for part in bytes.split(separator: 0x2f) where !part.elementsEqual([0x2e]) {
            guard !part.elementsEqual([0x2e, 0x2e]) else { throw reject("contains ..") }
            guard part.count <= Self.maximumComponentBytes else {
                throw reject("has a component longer than \(Self.maximumComponentBytes) bytes")
            }
            components.append(Array(part))
        }
        guard components.count <= Self.maximumDepth else {
            throw reject("is more than \(Self.maximumDepth) levels deep")
        }
        self.components = components
    }

    init(components: [[UInt8]]) {
        self.components = components
    }

    /// A path that a document names inside an archive or a layout, in the form the index of its members has.
    static func name(_ text: String) throws(ImageError) -> String {
        try TarPath(Array(text.utf8)).components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    var parent: TarPath { TarPath(components: Array(components.dropLast())) }

    func appending(_ name: [UInt8]) -> TarPath { TarPath(components: components + [name]) }

    /// For messages.
    var text: String { shown(Array(components.joined(separator: [0x2f]))) }
}
