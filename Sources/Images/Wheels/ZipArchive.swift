internal import Glibc

/// The members of a zip archive, from its central directory (APPNOTE 4.3), each checked before anything is unpacked.
///
/// Only what wheels are made of is taken: plain files and directories, stored or deflated, in one part, without
/// encryption and without the extensions for more than 4 GiB.
struct ZipArchive: ~Copyable {
    static let maximumEntries = 60_000
    static let maximumDirectoryBytes = 33_554_432
    /// Of all files together, unpacked: 4 GiB.
    static let maximumBytes: Int64 = 4_294_967_296

    struct Entry {
        let path: TarPath
        let isDirectory: Bool
        let isExecutable: Bool
        let isDeflated: Bool
        let checksum: UInt32
        let packedBytes: Int64
        let bytes: Int64
        /// Where its contents begin in the archive.
        let offset: Int64
    }

    let file: FileDescriptor
    let entries: [Entry]

    private init(file: consuming FileDescriptor, entries: [Entry]) {
        self.file = file
        self.entries = entries
    }

    /// - Throws: `badArchive` for anything malformed, hostile or of a kind that is not supported.
    static func open(_ path: String) throws(ImageError) -> ZipArchive {
        let file = try FileDescriptor(path, flags: O_RDONLY | O_NOFOLLOW)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw systemFailure("cannot look at \(path)") }
        let entries = try entries(file, Int64(status.st_size))
        return ZipArchive(file: file, entries: entries)
    }

    private static func broken(_ reason: String) -> ImageError {
        ImageError(.badArchive, "the wheel is no archive that can be used: \(reason)")
    }

    private static func entries(_ file: borrowing FileDescriptor, _ size: Int64) throws(ImageError) -> [Entry] {
        let directory = try directory(file, size)
        var record = ZipRecord(directory.bytes)
        var entries: [Entry] = []
        var total: Int64 = 0
        var packed: Int64 = 0
        var places: Set<TarPath> = []
        for _ in 0..<directory.count {
            let entry = try entry(&record, file, end: directory.start)
            guard !entry.path.components.isEmpty else { throw broken("a member names the directory itself") }
            guard places.insert(entry.path).inserted else { throw broken("\(entry.path.text) is there twice") }
            total += entry.bytes
            guard total <= maximumBytes else { throw broken("it holds more than \(maximumBytes) bytes") }
            // Members that share their bytes would take more place on their way than the archive has.
            packed += entry.packedBytes
            guard packed <= directory.start else { throw broken("its members are larger than itself") }
            entries.append(entry)
        }
        return entries
    }

    /// Finds the central directory by the record at the archive's end.
    private static func directory(
        _ file: borrowing FileDescriptor, _ size: Int64
    ) throws(ImageError) -> (bytes: [UInt8], start: Int64, count: Int) {
        // The record has 22 bytes and a comment of up to 65,535.
        let tail = try file.read(at: max(0, size - 65_557), count: 65_557)
        let mark: [UInt8] = [0x50, 0x4b, 5, 6]
        guard tail.count >= 22,
            let at = (0...(tail.count - 22)).reversed().first(where: { tail[$0..<$0 + 4].elementsEqual(mark) })
        else { throw broken("it has no end record") }
        var end = ZipRecord(Array(tail[(at + 4)...]))
        let (disk, first) = (try end.number(2), try end.number(2))
        let (here, count) = (try end.number(2), try end.number(2))
        let (bytes, start) = (try end.number(4), try end.number(4))
        guard disk == 0, first == 0, here == count else { throw broken("it has several parts") }
        guard count < 0xffff, bytes < 0xffff_ffff, start < 0xffff_ffff else { throw broken("it is a zip64 archive") }
        guard count <= maximumEntries else { throw broken("it has more than \(maximumEntries) members") }
        guard bytes <= maximumDirectoryBytes, start + bytes <= size else { throw broken("its directory is damaged") }
        let contents = try file.read(at: start, count: Int(bytes))
        return (contents, start, Int(count))
    }

    private static func entry(
        _ record: inout ZipRecord, _ file: borrowing FileDescriptor, end: Int64
    ) throws(ImageError) -> Entry {
        guard try record.number(4) == 0x0201_4b50 else { throw broken("its directory is damaged") }
        let madeBy = try record.number(2)
        _ = try record.number(2)
        let (flags, method) = (try record.number(2), try record.number(2))
        _ = try record.number(4)
        let (checksum, packed, bytes) = (try record.number(4), try record.number(4), try record.number(4))
        let (nameBytes, extraBytes) = (try record.number(2), try record.number(2))
        let commentBytes = try record.number(2)
        _ = try record.number(4)
        let (attributes, header) = (try record.number(4), try record.number(4))
        let name = try record.bytes(Int(nameBytes))
        _ = try record.bytes(Int(extraBytes) + Int(commentBytes))

        let path = try TarPath(name)
        func hostile(_ reason: String) -> ImageError { broken("\(path.text) \(reason)") }
        guard flags & 0x2041 == 0 else { throw hostile("is encrypted") }
        guard method == 0 || method == 8 else { throw hostile("is packed in a way that is not supported") }
        guard packed < 0xffff_ffff, bytes < 0xffff_ffff, header < 0xffff_ffff else { throw hostile("is of zip64") }
        guard method == 8 || packed == bytes else { throw hostile("has two sizes") }
        // The upper half is a file mode where the archive was made on Unix, which the byte above the version tells.
        let mode = madeBy >> 8 == 3 ? attributes >> 16 : 0
        let kind = mode & Int64(S_IFMT)
        let isDirectory = name.last == 0x2f
        guard kind == 0 || kind == Int64(isDirectory ? S_IFDIR : S_IFREG) else {
            throw hostile("is neither a file nor a directory")
        }
        guard !isDirectory || bytes == 0 else { throw hostile("is a directory with contents") }
        let offset = try contents(at: header, named: name, file, hostile)
        guard offset + packed <= end else { throw hostile("reaches into the directory") }
        return Entry(
            path: path, isDirectory: isDirectory, isExecutable: mode & 0o111 != 0, isDeflated: method == 8,
            checksum: UInt32(checksum), packedBytes: packed, bytes: bytes, offset: offset)
    }

    /// Where a member's contents begin: behind its own header, which has to have the same name.
    private static func contents(
        at header: Int64, named name: [UInt8], _ file: borrowing FileDescriptor, _ hostile: (String) -> ImageError
    ) throws(ImageError) -> Int64 {
        let fixed: Int64 = 30
        let bytes = try file.read(at: header, count: Int(fixed) + name.count)
        var record = ZipRecord(bytes)
        guard bytes.count == Int(fixed) + name.count, try record.number(4) == 0x0403_4b50 else {
            throw hostile("has no header")
        }
        _ = try record.bytes(22)
        let (nameBytes, extraBytes) = (try record.number(2), try record.number(2))
        guard nameBytes == name.count, try record.bytes(name.count) == name else { throw hostile("has two names") }
        return header + fixed + nameBytes + extraBytes
    }
}

/// Reads a record of little-endian numbers from its start to its end.
struct ZipRecord {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// An unsigned number of `count` bytes, at most 4.
    mutating func number(_ count: Int) throws(ImageError) -> Int64 {
        try bytes(count).reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    mutating func bytes(_ count: Int) throws(ImageError) -> [UInt8] {
        guard rest.count >= count else { throw ImageError(.badArchive, "the wheel's directory is cut off") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
