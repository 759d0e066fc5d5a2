internal import StrictJSON

/// Reads the members of a record's object, each of one type and bounded, and knows which were not asked for.
struct RecordReader {
    private let object: JSONObject
    /// Stands before names of members in errors: `result` or `variables[3]`.
    private let place: String
    private(set) var known: [String] = []

    init(_ object: JSONObject, _ place: String) {
        self.object = object
        self.place = place
    }

    /// The first member that nobody asked for.
    var unknown: String? { object.members.first { !known.contains($0.name) }?.name }

    private mutating func member(_ name: String) -> JSONValue? {
        known.append(name)
        return object[name].flatMap { $0 == .null ? nil : $0 }
    }

    func wrong(_ name: String, _ what: String) -> DriverRecordError {
        DriverRecordError("\(name) of \(place) \(what)")
    }

    /// Nil when it is absent or null.
    mutating func optionalString(_ name: String, maximum: Int) throws(DriverRecordError) -> String? {
        guard let value = member(name) else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "is \(value.typeName), expected is a string") }
        guard text.utf8.count <= maximum else {
            throw wrong(name, "has \(text.utf8.count) bytes, allowed are \(maximum)")
        }
        return text
    }

    mutating func string(_ name: String, maximum: Int) throws(DriverRecordError) -> String {
        guard let text = try optionalString(name, maximum: maximum) else { throw wrong(name, "is missing") }
        return text
    }

    /// A text that is cut where it is too long.
    mutating func cutString(_ name: String, maximum: Int) throws(DriverRecordError) -> (text: String, isCut: Bool) {
        let text = try string(name, maximum: .max)
        guard text.utf8.count > maximum else { return (text, false) }
        return (text.cut(toBytes: maximum), true)
    }

    mutating func bool(_ name: String, default standard: Bool) throws(DriverRecordError) -> Bool {
        guard let value = member(name) else { return standard }
        guard case .bool(let bool) = value else { throw wrong(name, "is \(value.typeName), expected is a boolean") }
        return bool
    }

    mutating func optionalInteger(_ name: String, in range: ClosedRange<Int64>) throws(DriverRecordError) -> Int64? {
        guard let value = member(name) else { return nil }
        guard case .number(let number) = value, let whole = number.whole, range.contains(whole) else {
            throw wrong(name, "is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) throws(DriverRecordError) -> Int64 {
        guard let whole = try optionalInteger(name, in: range) else { throw wrong(name, "is missing") }
        return whole
    }

    mutating func value(_ name: String) -> JSONValue? {
        known.append(name)
        return object[name]
    }

    mutating func list(_ name: String, maximum: Int) throws(DriverRecordError) -> [JSONValue] {
        guard let value = member(name) else { throw wrong(name, "is missing") }
        guard case .array(let list) = value else { throw wrong(name, "is \(value.typeName), expected is a list") }
        guard list.count <= maximum else { throw wrong(name, "has \(list.count) elements, allowed are \(maximum)") }
        return list
    }

    mutating func strings(
        _ name: String, maximum: Int, each bytes: Int
    ) throws(DriverRecordError) -> [String] {
        var strings: [String] = []
        for value in try list(name, maximum: maximum) {
            guard case .string(let text) = value else {
                throw wrong(name, "has \(value.typeName), expected are strings")
            }
            strings.append(text.utf8.count > bytes ? text.cut(toBytes: bytes) : text)
        }
        return strings
    }

    /// Representations; nil when the member is absent.
    mutating func mime(_ name: String) throws(DriverRecordError) -> [MimeItem]? {
        guard let value = member(name) else { return nil }
        guard case .object(let object) = value else { throw wrong(name, "is \(value.typeName), expected is an object") }
        guard object.members.count <= 32 else {
            throw wrong(name, "has \(object.members.count) media types, allowed are 32")
        }
        for (type, _) in object.members where !Self.isMediaType(type) {
            throw wrong(name, "has a member that is no media type")
        }
        return object.members.map { MimeItem(type: $0.name, content: $0.value) }
    }

    /// `type/subtype`, perhaps with parameters, in printable ASCII, at most 127 bytes.
    private static func isMediaType(_ text: String) -> Bool {
        text.utf8.count <= 127 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
            && text.split(separator: "/", omittingEmptySubsequences: false).count == 2 && text.first != "/"
            && text.last != "/"
    }
}

extension String {
    /// The beginning, at most so many bytes and no part of a character of UTF-8.
    func cut(toBytes maximum: Int) -> String {
        guard utf8.count > maximum else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: maximum)
        while end > utf8.startIndex, utf8[end] & 0b1100_0000 == 0b1000_0000 { end = utf8.index(before: end) }
        return String(decoding: utf8[..<end], as: UTF8.self)
    }
}
