/// Reads the members of a tar archive one after the other: ustar, pax and GNU long names.
///
/// Everything else that would change what a member means (sparse files, multiple volumes) is refused.
struct TarReader {
    /// The most bytes of one pax header; long paths and a few attributes fit many times over.
    static let maximumPaxBytes: Int64 = 1_048_576
    /// The most extension headers in front of one member.
    static let maximumExtensions = 8

    private let source: any ByteSource
    /// What is left of the current member's content, and of the padding behind it.
    private var remaining: Int64 = 0
    private var padding: Int64 = 0

    init(_ source: any ByteSource) {
        self.source = source
    }

    /// The next member, or nil at the end. What was not read of the last one is passed over.
    ///
    /// - Throws: `badArchive` for anything malformed; the reader is of no use afterwards.
    mutating func next() throws(ImageError) -> TarEntry? {
        try source.skip(remaining)
        try source.skip(padding)
        (remaining, padding) = (0, 0)
        var extensions = TarExtensions()
        for _ in 0...Self.maximumExtensions {
            guard let header = try header() else {
                guard extensions.isEmpty else { throw TarHeader.malformed("it ends after an extension header") }
                return nil
            }
            switch header.type {
            case UInt8(ascii: "x"): try extensions.addPax(try content(header.size))
            // A global header speaks of all members; nothing in it that we take may come from there.
            case UInt8(ascii: "g"): _ = try content(header.size)
            case UInt8(ascii: "L"): extensions.path = Self.trimmed(try content(header.size))
            case UInt8(ascii: "K"): extensions.target = Self.trimmed(try content(header.size))
            default: return try entry(header, extensions)
            }
        }
        throw TarHeader.malformed("too many extension headers in front of one member")
    }

    /// Up to `count` bytes of the current member's content; empty when there is no more.
    mutating func read(_ count: Int) throws(ImageError) -> [UInt8] {
        let wanted = Int(min(Int64(count), remaining))
        guard wanted > 0 else { return [] }
        let bytes = try source.read(wanted)
        guard bytes.count == wanted else { throw TarHeader.malformed("it ends in the middle of a file") }
        remaining -= Int64(wanted)
        return bytes
    }

    /// The next header; nil at an empty block or at the end of the bytes.
    private func header() throws(ImageError) -> TarHeader? {
        let block = try source.read(TarHeader.blockBytes)
        if block.isEmpty || (block.count == TarHeader.blockBytes && block.allSatisfy { $0 == 0 }) { return nil }
        return try TarHeader(block)
    }

    private mutating func entry(_ header: TarHeader, _ extensions: TarExtensions) throws(ImageError) -> TarEntry {
        let kind: TarEntry.Kind
        let path = extensions.path ?? header.path
        switch header.type {
        case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
            // Before POSIX, a directory was a file whose name ends in a slash.
            kind = path.last == 0x2f ? .directory : .file
        case UInt8(ascii: "1"): kind = .hardLink
        case UInt8(ascii: "2"): kind = .symbolicLink
        case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): kind = .special
        case UInt8(ascii: "5"): kind = .directory
        default:
            let type = shown([header.type])
            throw ImageError(.badArchive, "the archive holds a member of type \(type), which is not supported")
        }
        // Only files have content, whatever the header of another kind says.
        let size = kind == .file ? extensions.size ?? header.size : 0
        remaining = size
        padding = Self.padding(size)
        return TarEntry(
            kind: kind, path: path, target: extensions.target ?? header.target, size: size, mode: header.mode,
            modified: extensions.modified ?? header.modified)
    }

    /// The content of an extension header.
    private func content(_ size: Int64) throws(ImageError) -> [UInt8] {
        guard size <= Self.maximumPaxBytes else { throw TarHeader.malformed("an extension header of \(size) bytes") }
        let bytes = try source.read(Int(size))
        guard bytes.count == size else { throw TarHeader.malformed("it ends in an extension header") }
        try source.skip(Self.padding(size))
        return bytes
    }

    private static func padding(_ size: Int64) -> Int64 {
        (512 - size % 512) % 512
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix { $0 != 0 })
    }
}
