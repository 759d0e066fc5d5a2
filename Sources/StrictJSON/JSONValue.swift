/// A JSON value read from untrusted bytes (RFC 8259), exactly as it was written.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// The kind of the value, for error messages.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A number, kept as text: its user decides about range and precision.
package struct JSONNumber: Sendable, Equatable {
    package let text: String

    /// Its value as an integer, when it is written as one and fits.
    package var int64: Int64? { text == "-0" ? nil : Int64(text) }

    /// Its value as an integer, however it is written: `8`, `8.0` and `0.8e1` are equal, as in JSON Schema. Exact: nil
    /// for a number that is no integer or does not fit.
    package var whole: Int64? {
        if let value = Int64(text) { return value }
        guard text.utf8.count <= 64 else { return nil }
        let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard let exponent = parts.count == 1 ? 0 : Int(parts[1]), (-64...64).contains(exponent) else { return nil }
        let isNegative = parts[0].hasPrefix("-")
        let halves = parts[0].drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = halves.first else { return nil }
        let fraction = halves.count == 2 ? halves[1] : ""
        var digits = String(whole) + fraction
        let shift = exponent - fraction.count
        if shift >= 0 {
            digits += String(repeating: "0", count: shift)
        } else {
            // The dropped digits must be zeros.
            guard digits.suffix(-shift).allSatisfy({ $0 == "0" }) else { return nil }
            digits = String(digits.dropLast(-shift))
        }
        return Int64((isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits))
    }

    /// The nearest finite value.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}

/// Members in the order in which they were written; names are unique.
package struct JSONObject: Sendable, Equatable {
    package var members: [(name: String, value: JSONValue)]

    package init(_ members: [(name: String, value: JSONValue)] = []) {
        self.members = members
    }

    package subscript(name: String) -> JSONValue? {
        members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    package static func == (a: JSONObject, b: JSONObject) -> Bool {
        a.members.count == b.members.count
            && zip(a.members, b.members).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    }
}

/// Limits of a document.
package struct JSONLimits: Sendable, Equatable {
    package var bytes: Int
    package var depth = 32
    /// Values of all kinds together.
    package var values = 100_000
    package var membersPerObject = 4096
    /// Of a member's name, in bytes.
    package var nameBytes = 1024

    package init(bytes: Int) {
        self.bytes = bytes
    }
}

/// Why a document was refused, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String
    /// From 0.
    package let offset: Int
    /// From 1; columns count bytes.
    package let line: Int
    package let column: Int

    package var description: String { "line \(line), column \(column): \(reason)" }
}
