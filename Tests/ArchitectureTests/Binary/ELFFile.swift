internal import Foundation

/// The parts of an ELF64 little-endian executable that say what it needs. Every offset is checked.
struct ELFFile {
    let bytes: [UInt8]
    /// Types of the program headers.
    private(set) var segments: Set<UInt32> = []
    private(set) var needed: [String] = []
    /// DT_RPATH and DT_RUNPATH.
    private(set) var searchPaths: [String] = []

    static let dynamic: UInt32 = 2
    static let interpreter: UInt32 = 3

    struct Malformed: Error, Equatable {
        let what: String
    }

    private struct Segment {
        let type: UInt32
        let offset, address, size: UInt64
    }

    init(_ bytes: [UInt8]) throws(Malformed) {
        self.bytes = bytes
        guard bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { throw Malformed(what: "no ELF64 header") }
        let table = try integer(UInt64.self, at: 32)
        let (size, count) = (UInt64(try integer(UInt16.self, at: 54)), UInt64(try integer(UInt16.self, at: 56)))
        var headers: [Segment] = []
        for index in 0..<count {
            let at = table &+ index * size
            headers.append(
                Segment(
                    type: try integer(UInt32.self, at: at), offset: try integer(UInt64.self, at: at &+ 8),
                    address: try integer(UInt64.self, at: at &+ 16), size: try integer(UInt64.self, at: at &+ 32)))
        }
        segments = Set(headers.map(\.type))
        if let header = headers.first(where: { $0.type == Self.dynamic }) { try readDynamic(header, headers) }
    }

    private mutating func readDynamic(_ header: Segment, _ headers: [Segment]) throws(Malformed) {
        var entries: [(tag: UInt64, value: UInt64)] = []
        for offset in stride(from: UInt64(0), to: header.size, by: 16) {
            let tag = try integer(UInt64.self, at: header.offset &+ offset)
            if tag == 0 { break }
            entries.append((tag, try integer(UInt64.self, at: header.offset &+ offset &+ 8)))
        }
        // DT_STRTAB is an address; a PT_LOAD says where in the file it is.
        guard let address = entries.first(where: { $0.tag == 5 })?.value,
            let load = headers.first(where: { $0.type == 1 && $0.address <= address && address - $0.address < $0.size })
        else { throw Malformed(what: "no string table") }
        let strings = load.offset &+ (address - load.address)
        for (tag, value) in entries {
            switch tag {
            case 1: needed.append(try string(at: strings &+ value))
            case 15, 29: searchPaths.append(try string(at: strings &+ value))
            default: break
            }
        }
    }

    private func integer<T: FixedWidthInteger>(_ type: T.Type, at offset: UInt64) throws(Malformed) -> T {
        let width = T.bitWidth / 8
        guard let start = Int(exactly: offset), start <= bytes.count - width else {
            throw Malformed(what: "offset \(offset) is outside the file")
        }
        return bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | T($1) }
    }

    private func string(at offset: UInt64) throws(Malformed) -> String {
        guard let start = Int(exactly: offset), start < bytes.count, let end = bytes[start...].firstIndex(of: 0) else {
            throw Malformed(what: "string at \(offset) is outside the file")
        }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// Whether some bytes occur anywhere in the file.
    func contains(_ text: String) -> Bool {
        Data(bytes).range(of: Data(text.utf8)) != nil
    }
}
