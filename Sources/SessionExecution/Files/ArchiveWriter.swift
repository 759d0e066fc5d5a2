package import SandboxSpec

/// Makes archives that go into a sandbox: see `FilesOrder`.
package enum ArchiveWriter {
    /// What an entry is.
    package enum Kind: Sendable, Equatable {
        case file(executable: Bool)
        case directory
        /// Where it leads: at most 100 bytes.
        case link(String)
    }

    /// An archive of one file.
    ///
    /// - Returns: nil for a path that has no place in one.
    package static func archive(_ path: BoxPath, _ content: [UInt8], executable: Bool, modified: Int64) -> [UInt8]? {
        guard let header = header(path, .file(executable: executable), size: Int64(content.count), modified: modified)
        else { return nil }
        return header + content + [UInt8](repeating: 0, count: padding(Int64(content.count)) + end)
    }

    /// Bytes behind so much content, up to the next block.
    package static func padding(_ size: Int64) -> Int { Int((512 - size % 512) % 512) }

    /// Bytes, all 0, that end an archive.
    package static let end = 1024

    /// The header of an entry, whose content follows.
    ///
    /// - Returns: nil for a path, a link or a size that has no place in one.
    package static func header(_ path: BoxPath, _ kind: Kind, size: Int64, modified: Int64) -> [UInt8]? {
        guard let (prefix, name) = split(Array(path.description.utf8)), (0..<(1 << 33)).contains(size) else {
            return nil
        }
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
        }
        func octal(_ value: Int64, digits: Int) -> [UInt8] {
            let text = String(max(value, 0), radix: 8)
            return Array((String(repeating: "0", count: max(digits - text.count, 0)) + text).utf8.suffix(digits))
        }
        let (mode, type): (Int64, Character)
        switch kind {
        case .file(let executable): (mode, type) = (executable ? 0o755 : 0o644, "0")
        case .directory: (mode, type) = (0o755, "5")
        case .link(let target):
            guard (1...100).contains(target.utf8.count), !target.utf8.contains(0) else { return nil }
            (mode, type) = (0o777, "2")
            put(target.utf8, at: 157)
        }
        put(name, at: 0)
        put(octal(mode, digits: 7), at: 100)
        put(octal(1000, digits: 7), at: 108)
        put(octal(1000, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(min(modified, 0o77777777777), digits: 11), at: 136)
        header[156] = type.asciiValue ?? 0
        put("ustar\u{0}00".utf8, at: 257)
        put(prefix, at: 345)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, digits: 6) + [0, 0x20], at: 148)
        return header
    }

    /// A header has room for 100 bytes of a name, and for 155 before the slash in front of it.
    private static func split(_ path: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        if path.count <= 100 { return ([], path[...]) }
        let slash = path.indices.first { path[$0] == UInt8(ascii: "/") && path.count - $0 - 1 <= 100 }
        guard let slash, slash > 0, slash <= 155 else { return nil }
        return (path[..<slash], path[(slash + 1)...])
    }
}
