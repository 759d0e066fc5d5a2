internal import Glibc
internal import LinuxSystem

/// Reads the lines of an audit log, in pieces: a file may be larger than the memory.
package enum AuditReader {
    /// Why a file does not verify, and where.
    package struct Break: Error, Sendable, Equatable, CustomStringConvertible {
        package let path: String
        /// From 1; 0 when the file itself cannot be read.
        package let line: Int
        package let reason: String

        package var description: String { line > 0 ? "\(path):\(line): \(reason)" : "\(path): \(reason)" }
    }

    /// Follows a chain through a file.
    ///
    /// - Throws: the first line that breaks it. `chain` stands before that line.
    package static func verify(_ path: String, _ chain: inout AuditChain) throws(Break) {
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard number >= 0 else {
            throw Break(path: path, line: 0, reason: "cannot be opened: \(errnoDescription(errno))")
        }
        defer { close(number) }
        var line: [UInt8] = []
        var count = 1
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let size = read(number, &piece, piece.count)
            if size < 0, errno == EINTR { continue }
            guard size >= 0 else {
                throw Break(path: path, line: 0, reason: "cannot be read: \(errnoDescription(errno))")
            }
            if size == 0 { break }
            for byte in piece.prefix(size) {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    guard line.count <= AuditRecord.maximumBytes else {
                        throw Break(path: path, line: count, reason: "it is longer than any record")
                    }
                    continue
                }
                do throws(AuditRecord.Invalid) {
                    try chain.add(line)
                } catch {
                    throw Break(path: path, line: count, reason: error.description)
                }
                line.removeAll(keepingCapacity: true)
                count += 1
            }
        }
        guard line.isEmpty else {
            throw Break(path: path, line: count, reason: "it has no end: it was cut while it was written")
        }
    }
}
