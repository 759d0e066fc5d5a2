/// What extension headers say about the member behind them.
struct TarExtensions {
    var path: [UInt8]?
    var target: [UInt8]?
    var size: Int64?
    var modified: Int64?

    var isEmpty: Bool { path == nil && target == nil && size == nil && modified == nil }

    /// Takes the records `LENGTH KEY=VALUE\n` of a pax header.
    ///
    /// - Throws: `badArchive` for a record that is malformed, and for sparse files.
    mutating func addPax(_ bytes: [UInt8]) throws(ImageError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...7).contains(digits.count), let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 2, length <= rest.count, rest[rest.startIndex + digits.count] == 0x20
            else { throw TarHeader.malformed("a pax record has a wrong length") }
            let record = rest.prefix(length).dropFirst(digits.count + 1)
            guard record.last == 0x0a, let equals = record.firstIndex(of: 0x3d) else {
                throw TarHeader.malformed("a pax record is cut short")
            }
            let value = Array(record[record.index(after: equals)...].dropLast())
            try take(String(decoding: record[..<equals], as: UTF8.self), value)
            rest = rest.dropFirst(length)
        }
    }

    private mutating func take(_ key: String, _ value: [UInt8]) throws(ImageError) {
        switch key {
        case "path": path = value
        case "linkpath": target = value
        case "size": size = try Self.number(value, key)
        // Fractions are cut off; times before 1970 are as good as none.
        case "mtime": modified = value.first == 0x2d ? 0 : try Self.number(Array(value.prefix { $0 != 0x2e }), key)
        default:
            if key.hasPrefix("GNU.sparse.") {
                throw ImageError(.badArchive, "the archive holds a sparse file, which is not supported")
            }
        }
    }

    private static func number(_ value: [UInt8], _ key: String) throws(ImageError) -> Int64 {
        guard (1...16).contains(value.count), value.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(String(decoding: value, as: UTF8.self))
        else { throw TarHeader.malformed("a pax \(key) that is no number") }
        return number
    }
}
