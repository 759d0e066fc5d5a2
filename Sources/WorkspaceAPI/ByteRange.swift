internal import RunModel

/// One range of bytes, as clients ask for it (RFC 9110, section 14).
enum ByteRange {
    /// - Returns: nil for all of it: nothing is asked for, or something that may be ignored: several ranges, another unit.
    /// - Throws: `RANGE_NOT_SATISFIABLE`.
    static func parse(_ text: String?, size: Int64) throws(APIError) -> Range<Int64>? {
        guard let text, text.hasPrefix("bytes="), !text.contains(",") else { return nil }
        let parts = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let (first, last) = (number(parts[0]), number(parts[1]))
        switch (first, last) {
        case (.value(let first), .value(let last)):
            guard first <= last else { return nil }
            guard first < size else { throw refused(size) }
            return first..<(min(last, size - 1) + 1)
        case (.value(let first), .absent):
            guard first < size else { throw refused(size) }
            return first..<size
        case (.absent, .value(let count)):
            guard count > 0, size > 0 else { throw refused(size) }
            return max(size - count, 0)..<size
        default: return nil
        }
    }

    private enum Part {
        case absent, wrong
        case value(Int64)
    }

    private static func number(_ text: Substring) -> Part {
        if text.isEmpty { return .absent }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text), value < .max else {
            return .wrong
        }
        return .value(value)
    }

    private static func refused(_ size: Int64) -> APIError {
        APIError(
            .rangeNotSatisfiable, "the file has \(size) bytes", details: ["header.Range": "within \(size) bytes"])
    }
}
