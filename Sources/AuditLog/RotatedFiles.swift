internal import Glibc

/// Finds where a chain stands when its file was moved away while no process had it open.
enum RotatedFiles {
    /// No more files than these are looked at.
    private static let maximumFiles = 1000

    /// The newest record in files named as rotation names them: `PATH.1`, `PATH-20260101`. Compressed files are not read.
    static func head(besides path: String) -> AuditRecord.Head? {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        let name = String(path[path.index(after: slash)...])
        guard let handle = opendir(directory) else { return nil }
        defer { closedir(handle) }
        var newest: AuditRecord.Head?
        var seen = 0
        while let entry = readdir(handle), seen < maximumFiles {
            let other = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard other != name, other.hasPrefix(name + ".") || other.hasPrefix(name + "-"), !other.hasSuffix(".cut")
            else { continue }
            seen += 1
            guard let head = last(of: directory + "/" + other), head.number > newest?.number ?? 0 else { continue }
            newest = head
        }
        return newest
    }

    /// The last record of a file; nil when it ends with none.
    private static func last(of path: String) -> AuditRecord.Head? {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard number >= 0 else { return nil }
        defer { close(number) }
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let window = min(Int(status.st_size), AuditRecord.maximumBytes + 2)
        var bytes = [UInt8](repeating: 0, count: window)
        guard pread(number, &bytes, window, off_t(Int(status.st_size) - window)) == window, bytes.last == 0x0a else {
            return nil
        }
        let line = bytes.dropLast().suffix(while: { $0 != 0x0a })
        return (try? AuditRecord(line: Array(line)))?.head
    }
}

extension BidirectionalCollection {
    /// The longest end of which all elements pass.
    fileprivate func suffix(while passes: (Element) -> Bool) -> SubSequence {
        var start = endIndex
        while start > startIndex, passes(self[index(before: start)]) { start = index(before: start) }
        return self[start...]
    }
}
