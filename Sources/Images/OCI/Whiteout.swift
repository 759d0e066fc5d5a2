/// A member of a layer that stands for something missing (OCI image specification, whiteouts).
enum Whiteout: Equatable {
    static let prefix = Array(".wh.".utf8)
    private static let opaqueName = Array(".wh..wh..opq".utf8)
    private static let reserved = Array(".wh..wh.".utf8)

    /// `name` of a lower layer is hidden in a directory.
    case name([UInt8], TarPath)
    /// All that lower layers have in a directory is hidden.
    case opaque(TarPath)
    /// Bookkeeping of a storage driver.
    case ignored

    /// - Throws: `badArchive` when the hidden name could lead out of the directory.
    init(_ name: [UInt8], in directory: TarPath) throws(ImageError) {
        if name == Self.opaqueName {
            self = .opaque(directory)
        } else if name.starts(with: Self.reserved) {
            self = .ignored
        } else {
            let hidden = Array(name.dropFirst(Self.prefix.count))
            guard !hidden.isEmpty, hidden != [0x2e], hidden != [0x2e, 0x2e] else {
                throw ImageError(.badArchive, "the archive holds the whiteout \(shown(name)), which names nothing")
            }
            self = .name(hidden, directory)
        }
    }
}
