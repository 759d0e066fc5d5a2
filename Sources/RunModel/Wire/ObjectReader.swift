package import StrictJSON

/// Reads the members of one object and collects everything that is wrong with them, so that a client hears all of it at
/// once. Call `finish` last: it refuses members that were not read, and throws what was collected.
package final class ObjectReader {
    /// Of a whole document; nested readers share it.
    private final class Errors {
        var list = RequestErrors()
    }

    private let object: JSONObject
    private let path: String
    private let errors: Errors
    private var known: [String] = []

    package init(_ object: JSONObject) {
        self.object = object
        path = ""
        errors = Errors()
    }

    private init(_ object: JSONObject, path: String, errors: Errors) {
        self.object = object
        self.path = path
        self.errors = errors
    }

    /// Parses a document that must be an object.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> ObjectReader {
        ObjectReader(try object(bytes, limits: limits))
    }

    /// Parses a document that must be an object, and reads nothing of it yet.
    package static func object(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: limits)
        } catch {
            throw APIError(.invalidJSON, "the JSON is not valid: \(error)")
        }
        guard case .object(let object) = value else {
            throw APIError(.invalidJSON, "the JSON is \(value.typeName), expected is an object")
        }
        return object
    }

    /// Notes an error of a member.
    package func complain(_ name: String, _ reason: String) {
        errors.list.note(path + name, reason)
    }

    private func member(_ name: String) -> JSONValue? {
        known.append(name)
        return object[name]
    }

    /// A member of one type; nil when it is absent, or wrong, which is noted. `null` is absent.
    private func read<Value>(
        _ name: String, _ expected: String, required: Bool = false, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        switch member(name) {
        case nil, .null?:
            if required { complain(name, "is missing, expected is \(expected)") }
            return nil
        case let value?:
            if let converted = convert(value) { return converted }
            complain(name, "is \(value.typeName), expected is \(expected)")
            return nil
        }
    }

    package func string(_ name: String, required: Bool = false, maximumBytes: Int = .max) -> String? {
        let text = read(name, "a string", required: required) { (value) -> String? in
            if case .string(let text) = value { text } else { nil }
        }
        guard let text else { return nil }
        guard text.utf8.count <= maximumBytes else {
            complain(name, "has \(text.utf8.count) bytes, allowed are \(maximumBytes)")
            return nil
        }
        return text
    }

    package func bool(_ name: String) -> Bool? {
        read(name, "a boolean") { if case .bool(let value) = $0 { value } else { nil } }
    }

    /// A whole number in a range.
    package func integer(_ name: String, in range: ClosedRange<Int64>, required: Bool = false) -> Int64? {
        let expected = "a whole number, \(range.lowerBound) to \(range.upperBound)"
        let number = read(name, expected, required: required) { (value) -> JSONNumber? in
            if case .number(let number) = value { number } else { nil }
        }
        guard let number else { return nil }
        guard let value = number.whole, range.contains(value) else {
            complain(name, "is \(number.text.prefix(32)), expected is \(expected)")
            return nil
        }
        return value
    }

    package func strings(_ name: String) -> [String]? {
        let list = read(name, "a list of strings") { (value) -> [JSONValue]? in
            if case .array(let list) = value { list } else { nil }
        }
        return list.map { list in
            list.enumerated().compactMap { index, value in
                if case .string(let text) = value { return text }
                complain("\(name)[\(index)]", "is \(value.typeName), expected is a string")
                return nil
            }
        }
    }

    /// An object whose members all have one type.
    package func dictionary(
        _ name: String, _ expected: String, _ convert: (JSONValue) -> String?
    ) -> [String: String]? {
        let object = read(name, "an object") { (value) -> JSONObject? in
            if case .object(let object) = value { object } else { nil }
        }
        return object.map { object in
            var values: [String: String] = [:]
            for (key, value) in object.members {
                if let text = convert(value) {
                    values[key] = text
                } else {
                    complain("\(name).\(Self.shown(key))", "is \(value.typeName), expected is \(expected)")
                }
            }
            return values
        }
    }

    /// The elements of a list of objects, each with a reader of its own that shares the errors.
    package func objects<Value>(
        _ name: String, maximum: Int, _ body: (ObjectReader, _ index: Int) -> Value?
    ) -> [Value]? {
        let list = read(name, "a list of objects") { (value) -> [JSONValue]? in
            if case .array(let list) = value { list } else { nil }
        }
        guard let list else { return nil }
        guard list.count <= maximum else {
            complain(name, "has \(list.count) elements, allowed are \(maximum)")
            return []
        }
        return list.enumerated().compactMap { index, value in
            guard case .object(let object) = value else {
                complain("\(name)[\(index)]", "is \(value.typeName), expected is an object")
                return nil
            }
            let reader = ObjectReader(object, path: "\(path)\(name)[\(index)].", errors: errors)
            let result = body(reader, index)
            reader.refuseUnknown()
            return result
        }
    }

    /// A member that may be of several types.
    package func value(_ name: String) -> JSONValue? {
        let value = member(name)
        return value == .null ? nil : value
    }

    /// A nested object.
    package func nested<Value>(_ name: String, _ object: JSONObject, _ body: (ObjectReader) -> Value?) -> Value? {
        let reader = ObjectReader(object, path: "\(path)\(name).", errors: errors)
        let result = body(reader)
        reader.refuseUnknown()
        return result
    }

    private func refuseUnknown() {
        for (name, _) in object.members where !known.contains(name) {
            // These are not reported any more, so no text is made for them.
            guard !errors.list.isFull else {
                errors.list.omit()
                continue
            }
            let near = known.first { Self.distance($0, name) <= 2 }
            complain(Self.shown(name), "is unknown" + (near.map { ", did you mean \($0)?" } ?? ""))
        }
    }

    /// - Parameter refusesUnknown: not, where it cannot be said which members there may be.
    /// - Throws: all errors in one error.
    package func finish(refusesUnknown: Bool = true) throws(APIError) {
        if refusesUnknown { refuseUnknown() }
        try errors.list.throwIfAny()
    }

    /// All errors, members that were not read included: for a request that has more to be checked.
    package func collected() -> RequestErrors {
        refuseUnknown()
        return errors.list
    }

    /// The beginning of a text of the client, fit for a message. Counts scalars: a single character may be a megabyte.
    package static func shown(_ text: String, _ maximum: Int = 64) -> String {
        text.unicodeScalars.prefix(maximum).map { $0.escaped(asASCII: false) }.joined()
    }

    /// Levenshtein's distance, of short names only.
    private static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count <= 32, b.count <= 32 else { return .max }
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var previous = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let current = min(row[j + 1] + 1, row[j] + 1, previous + (x == y ? 0 : 1))
                previous = row[j + 1]
                row[j + 1] = current
            }
        }
        return row[b.count]
    }
}
