package import SandboxSpec

/// Makes archives that go into a sandbox: see `FilesOrder`.
package enum ArchiveWriter {
    /// An archive of one file.
    ///
    /// - Returns: nil for a path that has no place in one.
    package static func archive(_ path: BoxPath, _ content: [UInt8], executable: Bool, modified: Int64) -> [UInt8]? {
        guard let (prefix, name) = split(Array(path.description.utf8)) else { return nil }
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
        }
        func octal(_ value: Int64, digits: Int) -> [UInt8] {
            let text = String(max(value, 0), radix: 8)
            return Array((String(repeating: "0", count: max(digits - text.count, 0)) + text).utf8)
        }
        put(name, at: 0)
        put(octal(executable ? 0o755 : 0o644, digits: 7), at: 100)
        put(octal(1000, digits: 7), at: 108)
        put(octal(1000, digits: 7), at: 116)
        put(octal(Int64(content.count), digits: 11), at: 124)
        put(octal(modified, digits: 11), at: 136)
        header[156] = UInt8(ascii: "0")
        put("ustar\u{0}00".utf8, at: 257)
        put(prefix, at: 345)
        let sum = header.reduce(8 * 0x20) { $0 + Int64($1) }
        put(octal(sum, digits: 6) + [0, 0x20], at: 148)
        let padding = (512 - content.count % 512) % 512
        return header + content + [UInt8](repeating: 0, count: padding + 1024)
    }

    /// A header has room for 100 bytes of a name, and for 155 before the slash in front of it.
    private static func split(_ path: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        if path.count <= 100 { return ([], path[...]) }
        let slash = path.indices.first { path[$0] == UInt8(ascii: "/") && path.count - $0 - 1 <= 100 }
        guard let slash, slash > 0, slash <= 155 else { return nil }
        return (path[..<slash], path[(slash + 1)...])
    }
}
