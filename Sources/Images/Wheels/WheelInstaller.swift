internal import Glibc
internal import SandboxSpec

/// Unpacks a wheel into a tree that is being built: its files as they are in the archive, nothing of it is executed.
///
/// All deflated members go through one gzip: a member with a gzip header before it and its checksum and size behind it is
/// a whole gzip member, and gzip unpacks any number of those one after the other, checking each.
struct WheelInstaller {
    let wheel: RootWheel
    let cancellation: BuildCancellation

    /// - Throws: `badArchive` for anything malformed or hostile; the tree is then of no use.
    func install(_ file: String, into root: String) throws(ImageError) {
        let archive = try ZipArchive.open(file)
        let unpacked = try deflated(archive, file)
        let target = try Self.directory(wheel.into.description.split(separator: "/").map { Array($0.utf8) }[...], root)
        for entry in archive.entries {
            try cancellation.check()
            do throws(ImageError) {
                try place(entry, archive, unpacked, in: target)
            } catch {
                throw ImageError(error.code, "cannot unpack \(entry.path.text) of \(wheel.name): \(error.message)")
            }
        }
        // gzip has to end well, and with nothing left over.
        guard try unpacked?.read(1).isEmpty ?? true else {
            throw ImageError(.badArchive, "the wheel \(wheel.name) holds more than its directory says")
        }
    }

    /// The contents of all deflated members, one after the other; nil when there are none.
    private func deflated(_ archive: borrowing ZipArchive, _ path: String) throws(ImageError) -> GzipSource? {
        guard archive.entries.contains(where: \.isDeflated) else { return nil }
        // Beside the archive, without a name: it goes however this ends.
        let joined = try Self.scratch(beside: path)
        try join(archive, to: joined)
        return try GzipSource(joined, cancellation: cancellation)
    }

    private static func scratch(beside file: String) throws(ImageError) -> FileDescriptor {
        let directory = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        // O_TMPFILE with O_DIRECTORY in it; not among the constants Swift imports.
        return try FileDescriptor(directory, flags: O_RDWR | 0x41_0000, mode: 0o600)
    }

    /// Writes the deflated members as one gzip file and goes back to its start.
    private func join(_ archive: borrowing ZipArchive, to file: borrowing FileDescriptor) throws(ImageError) {
        for entry in archive.entries where entry.isDeflated {
            try cancellation.check()
            // RFC 1952: deflate, no flags, no time, unknown system.
            try writeAll([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff], to: file)
            var done: Int64 = 0
            while done < entry.packedBytes {
                let bytes = try archive.file.read(
                    at: entry.offset + done, count: Int(min(1_048_576, entry.packedBytes - done)))
                guard !bytes.isEmpty else { throw ImageError(.badArchive, "\(entry.path.text) is cut off") }
                try writeAll(bytes, to: file)
                done += Int64(bytes.count)
            }
            let trailer = [entry.checksum, UInt32(truncatingIfNeeded: entry.bytes)]
            try writeAll(trailer.flatMap { number in (0..<4).map { UInt8(number >> ($0 * 8) & 0xff) } }, to: file)
        }
        guard lseek(file.number, 0, SEEK_SET) == 0 else { throw systemFailure("cannot go back in a file") }
    }

    private func place(
        _ entry: ZipArchive.Entry, _ archive: borrowing ZipArchive, _ unpacked: GzipSource?,
        in target: borrowing TreeDirectory
    ) throws(ImageError) {
        if entry.isDirectory {
            _ = try Self.directory(entry.path.components[...], in: target)
            return
        }
        guard let name = entry.path.components.last else { return }
        let parent = try Self.directory(entry.path.components.dropLast(), in: target)
        let file = try parent.makeFile(name)
        var done: Int64 = 0
        while done < entry.bytes {
            let count = Int(min(1_048_576, entry.bytes - done))
            let bytes =
                entry.isDeflated
                ? try unpacked?.read(count) ?? [] : try archive.file.read(at: entry.offset + done, count: count)
            guard bytes.count == count else { throw ImageError(.badArchive, "its contents are cut off") }
            try writeAll(bytes, to: file)
            done += Int64(count)
        }
        try parent.setMode(name, entry.isExecutable ? 0o755 : 0o644)
        // Older than the build, as the files of packages are: `setup` may compile what compares times.
        try parent.setTime(name, TreeTidying.stamp)
    }

    private static func directory(_ path: ArraySlice<[UInt8]>, _ root: String) throws(ImageError) -> TreeDirectory {
        let top = try TreeDirectory(root)
        return try directory(path, in: top)
    }

    /// The directory of that path, made where it is missing. No link is followed.
    private static func directory(
        _ path: ArraySlice<[UInt8]>, in root: borrowing TreeDirectory
    ) throws(ImageError) -> TreeDirectory {
        var directory = try root.directory([0x2e])
        for name in path {
            if try directory.status(name) == nil { try directory.makeDirectory(name, mode: 0o755) }
            directory = try directory.directory(name)
        }
        return directory
    }
}
