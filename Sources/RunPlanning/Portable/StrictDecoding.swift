/// Any key of an object.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The members of an object.
    ///
    /// - Throws: `DecodingError` when there is a key that is none of `Key`.
    func strictContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        for key in try container(keyedBy: AnyKey.self).allKeys where Key(stringValue: key.stringValue) == nil {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "there is an unknown key"))
        }
        return try container(keyedBy: type)
    }
}

extension KeyedDecodingContainer {
    /// - Throws: `DecodingError` about this key, unless `holds`.
    func require(_ holds: Bool, _ key: Key, _ allowed: String) throws {
        guard holds else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "allowed is \(allowed)")
        }
    }

    /// A number within bounds.
    func decode<Number: FixedWidthInteger & Decodable>(
        _ key: Key, in range: ClosedRange<Number>
    ) throws -> Number {
        let number = try decode(Number.self, forKey: key)
        try require(range.contains(number), key, "\(range.lowerBound) to \(range.upperBound)")
        return number
    }

    /// A list of at most so many texts without NUL, of at most so many bytes each.
    func strings(_ key: Key, count: Int, bytes: Int) throws -> [String] {
        let texts = try decode([String].self, forKey: key)
        try require(texts.count <= count, key, "at most \(count) texts")
        for text in texts {
            try require(
                text.utf8.count <= bytes && !text.utf8.contains(0), key, "texts of at most \(bytes) bytes without NUL")
        }
        return texts
    }

    /// What `make` makes of a member; its error is one about this key.
    func make<Value, Failure: Error>(_ key: Key, _ make: () throws(Failure) -> Value) throws -> Value {
        do throws(Failure) {
            return try make()
        } catch {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "\(error)")
        }
    }
}
