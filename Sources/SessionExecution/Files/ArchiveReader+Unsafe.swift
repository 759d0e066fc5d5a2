internal import Glibc
package import LinuxSystem
package import RunModel

/// What an archive of a sandbox has: see `FilesOrder`. pid 1 has written it, about files that foreign code has made.
package struct ArchiveEntry: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case file, directory, link
    }

    package let kind: Kind
    /// Its bytes, where they are no UTF-8 replaced.
    package let path: String
    package let size: Int64
    package let isExecutable: Bool
    /// Seconds since 1970.
    package let modified: Int64
    /// Where a link leads.
    package let target: String?
    /// Where its content begins in the archive.
    let offset: Int64
}

/// Reads archives of a sandbox.
package enum ArchiveReader {
    private static let block = 512

    /// All entries, in their order.
    ///
    /// - Parameters:
    ///   - isList: the archive has headers only.
    ///   - maximum: of entries that are read.
    /// - Throws: `INTERNAL_ERROR` for what is no archive of ours.
    package static func entries(
        of archive: SharedDescriptor, isList: Bool, maximum: Int = 10_000
    ) throws(APIError) -> [ArchiveEntry] {
        var entries: [ArchiveEntry] = []
        var offset: Int64 = 0
        while entries.count < maximum {
            let header = try bytes(of: archive, at: offset, count: block)
            if header.allSatisfy({ $0 == 0 }) { return entries }
            guard Array(header[257..<262]) == Array("ustar".utf8), let size = number(header[124..<136]),
                let mode = number(header[100..<108]), let modified = number(header[136..<148])
            else { throw malformed() }
            offset += Int64(block)
            let (prefix, name) = (text(header[345..<500]), text(header[0..<100]))
            let kind: ArchiveEntry.Kind
            switch header[156] {
            case UInt8(ascii: "0"): kind = .file
            case UInt8(ascii: "5"): kind = .directory
            case UInt8(ascii: "2"): kind = .link
            default: throw malformed()
            }
            entries.append(
                ArchiveEntry(
                    kind: kind, path: prefix.isEmpty ? name : prefix + "/" + name, size: size,
                    isExecutable: kind == .file && mode & 0o100 != 0, modified: modified,
                    target: kind == .link ? text(header[157..<257]) : nil, offset: offset))
            if !isList { offset += (size + Int64(block) - 1) / Int64(block) * Int64(block) }
        }
        return entries
    }

    /// The content of a file.
    package static func content(of entry: ArchiveEntry, in archive: SharedDescriptor) throws(APIError) -> [UInt8] {
        try bytes(of: archive, at: entry.offset, count: Int(clamping: entry.size))
    }

    /// Whether two archives have the same bytes.
    package static func areEqual(_ first: SharedDescriptor, _ second: SharedDescriptor) -> Bool {
        guard let size = try? Files.status(of: first.number).size, size == (try? Files.status(of: second.number).size)
        else { return false }
        var offset: Int64 = 0
        while offset < size {
            let count = Int(min(size - offset, 65_536))
            guard let one = try? bytes(of: first, at: offset, count: count),
                let other = try? bytes(of: second, at: offset, count: count), one == other
            else { return false }
            offset += Int64(count)
        }
        return true
    }

    private static func bytes(of archive: SharedDescriptor, at offset: Int64, count: Int) throws(APIError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            // SAFETY: the pointer is used inside the closure only, and the kernel writes no more than the rest of the array.
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    archive.number, buffer.baseAddress.map { unsafe $0 + done }, count - done,
                    off_t(offset) + off_t(done))
            }
            guard read > 0 else { throw malformed() }
            done += read
        }
        return bytes
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for byte in field {
            guard (0x30...0x37).contains(byte) else { return byte == 0 || byte == 0x20 ? value : nil }
            value = value << 3 | Int64(byte - 0x30)
        }
        return value
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func malformed() -> APIError { APIError(.internalError, "an archive of files cannot be read") }
}
