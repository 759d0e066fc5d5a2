/// A JSON value read from untrusted bytes (RFC 8259), exactly as it was written.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What it is, in the words of error messages.
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

/// A number, kept as its text: whoever needs it decides what it may be.
package struct JSONNumber: Sendable, Equatable {
    package let text: String

    /// Its value as a whole number, when it is written as one and fits.
    package var int64: Int64? { text == "-0" ? nil : Int64(text) }

    /// Its nearest finite value.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}

/// Members in the order in which they were written; no name is there twice.
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

/// How much of a document is taken.
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
