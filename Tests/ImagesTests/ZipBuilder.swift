@testable import Images

/// Makes zip archives, good and hostile, byte by byte. Contents are stored; `packed` is for deflated ones made elsewhere.
struct ZipBuilder {
    struct Member {
        var name: String
        var contents: [UInt8] = []
        /// Type and permissions, as Unix has them.
        var mode: UInt32 = 0o100644
        var flags: UInt16 = 0
        var method: UInt16 = 0
        var checksum: UInt32 = 0
        /// Of the unpacked contents; those of `contents` when nil.
        var size: UInt32?
        /// What the member's own header calls it, if not the same.
        var otherName: String?
    }

    var members: [Member] = []
    var disk: UInt16 = 0
    var count: UInt16?

    private static func bytes(_ number: some FixedWidthInteger, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    var archive: [UInt8] {
        var out: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let start = out.count
            let common =
                Self.bytes(member.flags, 2) + Self.bytes(member.method, 2) + Self.bytes(0, 4)
                + Self.bytes(member.checksum, 4) + Self.bytes(member.contents.count, 4)
                + Self.bytes(member.size ?? UInt32(member.contents.count), 4)
            let inner = Array((member.otherName ?? member.name).utf8)
            out += [0x50, 0x4b, 3, 4] + Self.bytes(20, 2) + common + Self.bytes(inner.count, 2) + Self.bytes(0, 2)
            out += inner + member.contents
            directory += [0x50, 0x4b, 1, 2] + Self.bytes(3 << 8 | 20, 2) + Self.bytes(20, 2) + common
            directory += Self.bytes(member.name.utf8.count, 2) + Self.bytes(0, 8)
            directory += Self.bytes(member.mode << 16, 4) + Self.bytes(start, 4) + Array(member.name.utf8)
        }
        let count = self.count ?? UInt16(members.count)
        let end =
            [0x50, 0x4b, 5, 6] + Self.bytes(disk, 2) + Self.bytes(0, 2) + Self.bytes(count, 2) + Self.bytes(count, 2)
            + Self.bytes(directory.count, 4) + Self.bytes(out.count, 4) + Self.bytes(0, 2)
        return out + directory + end
    }
}
