package import SandboxSpec

/// Something to be done with the files below /box of a running sandbox, by its pid 1. Its program may run meanwhile. No link is
/// followed, and whatever the program does, the answer comes within seconds.
///
/// Archives are tar (ustar), with regular files, directories and symbolic links only, and paths of at most `maximumPathBytes`.
package enum FilesOrder: Sendable, Equatable {
    /// Write an archive to the file whose descriptor comes with the order: of all of /box, or of what is at a path, which may be
    /// one file. What does not fit the bounds, or has no place in an archive, is left out and counted.
    case pack(BoxPath?, Packing)
    /// Write what is in an archive, whose descriptor comes with the order, to /box. A file that is there is replaced.
    ///
    /// - `replacing`: what is not in the archive is removed.
    case unpack(replacing: Bool)
    /// Remove what is at a path, a directory with all that is in it. No descriptor.
    case remove(BoxPath)
    /// Open a regular file for reading; it comes with the answer. No descriptor.
    case open(BoxPath)
    /// Rename; folders that are missing are made. No descriptor.
    ///
    /// - `replacing`: a file that is there is replaced.
    case move(BoxPath, BoxPath, replacing: Bool)

    /// What an archive is to have.
    package struct Packing: Sendable, Equatable {
        /// Bytes of content.
        package var maximumBytes: Int64
        package var maximumFiles: Int64
        /// Headers only, with the true sizes in them.
        package var isList = false
        /// Every process of the sandbox is stopped before, and stays so.
        package var freezes = false
        /// Nothing of what is in folders of the folder.
        package var isShallow = false

        package init(
            maximumBytes: Int64, maximumFiles: Int64, isList: Bool = false, freezes: Bool = false,
            isShallow: Bool = false
        ) {
            self.isShallow = isShallow
            self.maximumBytes = maximumBytes
            self.maximumFiles = maximumFiles
            self.isList = isList
            self.freezes = freezes
        }
    }

    package static let maximumPathBytes = 255

    var hasDescriptor: Bool {
        switch self {
        case .pack, .unpack: true
        case .remove, .open, .move: false
        }
    }
}

/// What became of an order about files.
package struct FilesResult: Sendable, Equatable {
    /// 0 when all went well: what was left out is no failure.
    package var errno: Int32
    package var files: Int64
    /// Of content.
    package var bytes: Int64
    /// Left out of an archive: too many, too large, of a kind or with a name that it has no place for.
    package var skipped: Int64

    package init(errno: Int32 = 0, files: Int64 = 0, bytes: Int64 = 0, skipped: Int64 = 0) {
        self.errno = errno
        self.files = files
        self.bytes = bytes
        self.skipped = skipped
    }
}

extension MessageWriter {
    mutating func files(_ order: FilesOrder) throws(ProtocolError) {
        switch order {
        case .pack(let path, let packing):
            try WireBounds.range(packing.maximumBytes, WireBounds.amount, "files.bytes")
            try WireBounds.range(packing.maximumFiles, WireBounds.amount, "files.count")
            try integer(UInt8(1), "files.operation")
            try bool(path != nil, "files.has_path")
            if let path { try self.path(path, "files.path") }
            try integer(packing.maximumBytes, "files.bytes")
            try integer(packing.maximumFiles, "files.count")
            try bool(packing.isList, "files.is_list")
            try bool(packing.freezes, "files.freezes")
            try bool(packing.isShallow, "files.is_shallow")
        case .unpack(let replacing):
            try integer(UInt8(2), "files.operation")
            try bool(replacing, "files.replacing")
        case .remove(let path):
            try integer(UInt8(3), "files.operation")
            try self.path(path, "files.path")
        case .open(let path):
            try integer(UInt8(4), "files.operation")
            try self.path(path, "files.path")
        case .move(let from, let to, let replacing):
            try integer(UInt8(5), "files.operation")
            try path(from, "files.path")
            try path(to, "files.new_path")
            try bool(replacing, "files.replacing")
        }
    }

    mutating func files(_ result: FilesResult) throws(ProtocolError) {
        try WireBounds.range(result.errno, WireBounds.errno, "files.errno")
        try integer(result.errno, "files.errno")
        for (amount, field) in [
            (result.files, "files.files"), (result.bytes, "files.bytes"), (result.skipped, "files.skipped"),
        ] {
            try WireBounds.range(amount, WireBounds.amount, field)
            try integer(amount, field)
        }
    }
}

extension MessageReader {
    mutating func filesOrder() throws(ProtocolError) -> FilesOrder {
        switch try integer(UInt8.self, "files.operation") {
        case 1:
            let path = try bool("files.has_path") ? try self.path("files.path") : nil
            let (bytes, count) = (try amount("files.bytes"), try amount("files.count"))
            return .pack(
                path,
                .init(
                    maximumBytes: bytes, maximumFiles: count, isList: try bool("files.is_list"),
                    freezes: try bool("files.freezes"), isShallow: try bool("files.is_shallow")))
        case 2: return .unpack(replacing: try bool("files.replacing"))
        case 3: return .remove(try path("files.path"))
        case 4: return .open(try path("files.path"))
        case 5:
            return .move(
                try path("files.path"), try path("files.new_path"), replacing: try bool("files.replacing"))
        case let other: throw ProtocolError(field: "files.operation", found: "\(other)", allowed: "1 to 5")
        }
    }

    mutating func filesResult() throws(ProtocolError) -> FilesResult {
        let errno = try integer(Int32.self, "files.errno")
        try WireBounds.range(errno, WireBounds.errno, "files.errno")
        return FilesResult(
            errno: errno, files: try amount("files.files"), bytes: try amount("files.bytes"),
            skipped: try amount("files.skipped"))
    }
}
