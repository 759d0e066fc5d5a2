/// What a file of foreign code is said to be, by what is in it: its name proves nothing.
///
/// Only images that browsers decode and never execute anything of have a type of their own. SVG is not among them: it is a
/// document, with scripts.
package enum ContentType: String, Sendable, Encodable, CaseIterable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case gif = "image/gif"
    case webp = "image/webp"
    /// Everything else: bytes to be kept, not shown.
    case other = "application/octet-stream"

    /// How many bytes of the beginning decide.
    package static let prefixBytes = 16

    /// - Parameter content: the file, or its first `prefixBytes` bytes.
    package init(of content: some Collection<UInt8>) {
        let head = Array(content.prefix(Self.prefixBytes))
        func has(_ bytes: [UInt8], at offset: Int = 0) -> Bool { head.dropFirst(offset).starts(with: bytes) }
        func has(_ text: String, at offset: Int = 0) -> Bool { has(Array(text.utf8), at: offset) }
        // With the head of the first chunk, which is always the same: 13 bytes of IHDR.
        if has([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), has("IHDR", at: 12) {
            self = .png
        } else if has([0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if has("GIF87a") || has("GIF89a") {
            self = .gif
        } else if has("RIFF"), ["VP8 ", "VP8L", "VP8X"].contains(where: { has("WEBP" + $0, at: 8) }) {
            self = .webp
        } else {
            self = .other
        }
    }
}

extension ContentType: Decodable {
    /// What another version of the service calls something else is bytes like any others.
    package init(from decoder: any Decoder) throws {
        self = Self(rawValue: try String(from: decoder)) ?? .other
    }
}
