import Foundation

/// Writes the archive a kernel unpacks as its first root (cpio, `newc`), member by member, straight to a file.
struct CPIOArchive: ~Copyable {
    private let file: FileHandle
    private var inode = 0
    private var directories: Set<String> = []
    /// Bytes written.
    private(set) var size = 0

    enum Kind: Int {
        case directory = 0o040000
        case device = 0o020000
        case regular = 0o100000
        case link = 0o120000
    }

    /// - Parameter path: of the archive, which must not be there yet.
    init(creating path: String) throws {
        try Data().write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    /// A directory and all above it, once each.
    mutating func addDirectory(_ path: String) throws {
        guard !path.isEmpty, directories.insert(path).inserted else { return }
        try addDirectory(parent(of: path))
        try add(.directory, path, permissions: 0o755, Data())
    }

    mutating func addLink(_ path: String, to target: String) throws {
        try addDirectory(parent(of: path))
        try add(.link, path, permissions: 0o777, Data(target.utf8))
    }

    /// A character device.
    mutating func addDevice(_ path: String, major: Int, minor: Int) throws {
        try addDirectory(parent(of: path))
        try add(.device, path, permissions: 0o600, Data(), device: (major, minor))
    }

    mutating func addFile(_ path: String, _ contents: Data, permissions: Int = 0o644) throws {
        try addDirectory(parent(of: path))
        try add(.regular, path, permissions: permissions, contents)
    }

    /// A file of this machine, through links.
    mutating func addFile(_ path: String, from source: String, permissions: Int = 0o755) throws {
        try addFile(path, try Data(contentsOf: URL(fileURLWithPath: source)), permissions: permissions)
    }

    /// Everything below a directory of this machine.
    mutating func addTree(_ path: String, from source: String) throws {
        for name in try FileManager.default.subpathsOfDirectory(atPath: source).sorted() {
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(source)/\(name)", isDirectory: &isDirectory)
            if isDirectory.boolValue {
                try addDirectory("\(path)/\(name)")
            } else {
                try addFile("\(path)/\(name)", from: "\(source)/\(name)", permissions: 0o644)
            }
        }
    }

    /// The last member; nothing can be added after it.
    consuming func finish() throws {
        try add(.regular, "TRAILER!!!", permissions: 0, Data())
        try file.close()
    }

    private func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }

    private mutating func add(
        _ kind: Kind, _ path: String, permissions: Int, _ contents: Data, device: (Int, Int) = (0, 0)
    )
        throws
    {
        inode += 1
        // inode, mode, uid, gid, links, time, size, device (2), special device (2), length of the name, checksum
        let fields = [
            inode, kind.rawValue | permissions, 0, 0, kind == .directory ? 2 : 1, 0, contents.count, 0, 0,
            device.0, device.1, path.utf8.count + 1, 0,
        ]
        var member = Data("070701".utf8)
        for field in fields {
            let digits = String(field, radix: 16)
            member.append(Data(String(repeating: "0", count: 8 - digits.count).utf8))
            member.append(Data(digits.utf8))
        }
        member.append(Data(path.utf8))
        member.append(0)
        // Name and contents both end on a multiple of four.
        member.append(Data(count: -member.count & 3))
        member.append(contents)
        member.append(Data(count: -contents.count & 3))
        try file.write(contentsOf: member)
        size += member.count
    }
}
