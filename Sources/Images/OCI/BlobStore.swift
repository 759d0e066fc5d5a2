internal import Foundation
internal import Glibc

/// The named files of an OCI layout or a saved image: a directory, or the members of an uncompressed tar file.
struct BlobStore {
    /// The most members an outer archive may have; a saved image has a few per layer.
    static let maximumMembers = 65_536
    /// The most bytes of an index, a manifest or a configuration.
    static let maximumDocumentBytes: Int64 = 4_194_304

    let path: String
    /// Where each member lies in the tar file; nil for a directory.
    private let members: [String: Range<Int64>]?

    /// Opens a path the operator named.
    ///
    /// - Throws: `badArchive` if it is neither a directory nor a tar file.
    init(path: String) throws(ImageError) {
        self.path = path
        let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK, code: .badArchive)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw systemFailure("cannot look at \(path)") }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: members = nil
        case S_IFREG: members = try Self.scan(file, size: Int64(status.st_size), path: path)
        default: throw ImageError(.badArchive, "\(path) is neither a directory nor a file")
        }
    }

    func contains(_ name: String) -> Bool {
        guard let members else { return access("\(path)/\(name)", F_OK) == 0 }
        return members[name] != nil
    }

    /// A file and where in it the named blob lies.
    func open(_ name: String) throws(ImageError) -> BlobFile {
        if let members {
            guard let range = members[name] else { throw ImageError(.badArchive, "\(path) has no \(name)") }
            return BlobFile(file: try FileDescriptor(path, flags: O_RDONLY, code: .badArchive), range: range)
        }
        let file = try FileDescriptor("\(path)/\(name)", flags: O_RDONLY | O_NONBLOCK, code: .badArchive)
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ImageError(.badArchive, "\(path)/\(name) is no regular file")
        }
        return BlobFile(file: file, range: 0..<Int64(status.st_size))
    }

    /// A small file whole.
    func document(_ name: String) throws(ImageError) -> [UInt8] {
        let blob = try open(name)
        guard blob.size <= Self.maximumDocumentBytes else {
            throw ImageError(.badArchive, "\(name) of \(path) has more than \(Self.maximumDocumentBytes) bytes")
        }
        return try blob.file.read(at: blob.range.lowerBound, count: Int(blob.size))
    }

    /// Decodes a small JSON file; unknown keys are fine, as the specification wants it.
    func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], name: String) throws(ImageError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw ImageError(.badArchive, "\(name) of \(path) is not what the specification describes")
        }
    }

    /// Walks over the headers of a tar file, jumping over the contents.
    private static func scan(
        _ file: borrowing FileDescriptor, size: Int64, path: String
    ) throws(ImageError) -> [String: Range<Int64>] {
        let magic = try file.read(at: 0, count: 4)
        guard Compression(magic: magic) == .none else {
            throw ImageError(.badArchive, "\(path) is compressed as a whole: decompress it first")
        }
        let duplicate = fcntl(file.number, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { throw systemFailure("cannot duplicate a descriptor") }
        let source = FileSource(FileDescriptor(owning: duplicate), range: 0..<size)
        var reader = TarReader(source)
        var members: [String: Range<Int64>] = [:]
        var links: [(name: String, target: String)] = []
        var count = 0
        while let entry = try reader.next() {
            count += 1
            guard count <= maximumMembers else {
                throw ImageError(.badArchive, "\(path) has more than \(maximumMembers) members")
            }
            let components = try TarPath(entry.path).components
            let name = components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
            if entry.kind == .file {
                guard entry.size <= size - source.offset else {
                    throw ImageError(.badArchive, "\(path) ends in the middle of \(name)")
                }
                members[name] = source.offset..<source.offset + entry.size
            } else if entry.kind == .symbolicLink {
                // Saved images share equal layers by links such as ../<layer>/layer.tar.
                let base = "/" + components.dropLast().map { String(decoding: $0, as: UTF8.self) + "/" }.joined()
                let target = URL(fileURLWithPath: base + String(decoding: entry.target, as: UTF8.self))
                links.append((name, String(target.standardizedFileURL.path.dropFirst())))
            }
        }
        for link in links { members[link.name] = members[link.target] }
        return members
    }
}

/// An open file and the part of it that is the blob.
struct BlobFile: ~Copyable {
    let file: FileDescriptor
    let range: Range<Int64>

    var size: Int64 { range.upperBound - range.lowerBound }
}

/// How a layer is compressed, by its first bytes.
enum Compression: Equatable {
    case none, gzip, zstd, other

    init(magic: [UInt8]) {
        if magic.starts(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .zstd
        } else if magic.starts(with: [0x42, 0x5a, 0x68]) || magic.starts(with: [0xfd, 0x37, 0x7a, 0x58]) {
            self = .other
        } else {
            self = .none
        }
    }
}
