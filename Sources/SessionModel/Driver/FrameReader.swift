/// Cuts the bytes of a channel into records: four bytes of length, most significant first, then that many bytes.
///
/// Holds at most one record and what came with it; the caller pushes no more than a read at a time and takes all records after it.
package struct FrameReader: Sendable {
    /// The largest record, in either direction.
    package static let maximumRecord = 1_048_576

    /// A length that no record has.
    package struct Oversized: Error, Sendable, Equatable, CustomStringConvertible {
        package let length: Int

        package var description: String {
            "a record of \(length) bytes, allowed are 1 to \(FrameReader.maximumRecord)"
        }
    }

    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    /// Whether bytes of a record are there that is not complete.
    package var isInside: Bool { start < bytes.count }

    package mutating func push(_ more: some Collection<UInt8>) {
        if start > 0, start == bytes.count || start > 65_536 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The next complete record; nil when there is none yet.
    ///
    /// - Throws: for a length of zero or beyond the largest one. Nothing can be read after that.
    package mutating func next() throws(Oversized) -> [UInt8]? {
        guard bytes.count - start >= 4 else { return nil }
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length > 0, length <= Self.maximumRecord else { throw Oversized(length: length) }
        guard bytes.count - start - 4 >= length else { return nil }
        let record = Array(bytes[start + 4..<start + 4 + length])
        start += 4 + length
        return record
    }

    /// A record with its length before it.
    ///
    /// - Throws: for one that is empty or too large.
    package static func frame(_ record: [UInt8]) throws(Oversized) -> [UInt8] {
        guard !record.isEmpty, record.count <= maximumRecord else { throw Oversized(length: record.count) }
        let length = UInt32(record.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + record
    }
}
