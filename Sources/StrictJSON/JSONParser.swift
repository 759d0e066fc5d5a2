extension JSONValue {
    /// Reads one document. Strict: no duplicate names, no lone surrogates, no invalid UTF-8, no byte order mark, nothing
    /// after the value.
    ///
    /// - Throws: `JSONError` for the first thing that is wrong or too much. Time is linear in the bytes.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, limits: limits)
        return try parser.document()
    }
}

/// A parser of untrusted bytes. It recurses only as deep as its limit.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var index = 0
    private var values = 0

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func document() throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytes else { throw failure("is larger than \(limits.bytes) bytes") }
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw failure("begins with a byte order mark") }
        skipSpace()
        let value = try value(depth: 1)
        skipSpace()
        guard index == bytes.count else { throw failure("found more after the value") }
        return value
    }

    private func failure(_ reason: String, at place: Int? = nil) -> JSONError {
        let offset = min(place ?? index, bytes.count)
        let before = bytes[..<offset]
        let line = before.reduce(into: 1) { if $1 == UInt8(ascii: "\n") { $0 += 1 } }
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return JSONError(reason: reason, offset: offset, line: line, column: offset - start + 1)
    }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        values += 1
        guard values <= limits.values else { throw failure("has more than \(limits.values) values") }
        guard depth <= limits.depth else { throw failure("is nested deeper than \(limits.depth) levels") }
        switch byte {
        case UInt8(ascii: "{")?: return .object(try object(depth: depth))
        case UInt8(ascii: "[")?: return .array(try array(depth: depth))
        case UInt8(ascii: "\"")?: return .string(try string())
        case UInt8(ascii: "t")?: return try word("true", .bool(true))
        case UInt8(ascii: "f")?: return try word("false", .bool(false))
        case UInt8(ascii: "n")?: return try word("null", .null)
        case UInt8(ascii: "-")?, (0x30...0x39)?: return .number(try number())
        case nil: throw failure("ends where a value should be")
        default: throw failure("found no JSON value")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw failure("found no JSON value") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        index += 1
        var members: [(name: String, value: JSONValue)] = []
        var names: Set<String.UTF8Key> = []
        skipSpace()
        if byte == UInt8(ascii: "}") {
            index += 1
            return JSONObject()
        }
        while true {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw failure("found no member name in quotes") }
            let place = index
            let name = try string()
            guard name.utf8.count <= limits.nameBytes else {
                throw failure("a member name is longer than \(limits.nameBytes) bytes", at: place)
            }
            guard names.insert(String.UTF8Key(name)).inserted else {
                throw failure("member \"\(shown(name))\" is there twice", at: place)
            }
            skipSpace()
            guard byte == UInt8(ascii: ":") else { throw failure("found no colon after a member name") }
            index += 1
            skipSpace()
            members.append((name, try value(depth: depth + 1)))
            guard members.count <= limits.membersPerObject else {
                throw failure("an object has more than \(limits.membersPerObject) members")
            }
            skipSpace()
            switch byte {
            case UInt8(ascii: ",")?: index += 1
            case UInt8(ascii: "}")?:
                index += 1
                return JSONObject(members)
            default: throw failure("found neither a comma nor the end of the object")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        index += 1
        var elements: [JSONValue] = []
        skipSpace()
        if byte == UInt8(ascii: "]") {
            index += 1
            return []
        }
        while true {
            skipSpace()
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch byte {
            case UInt8(ascii: ",")?: index += 1
            case UInt8(ascii: "]")?:
                index += 1
                return elements
            default: throw failure("found neither a comma nor the end of the list")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        let start = index
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        if byte == UInt8(ascii: "-") { index += 1 }
        guard isDigit(byte) else { throw failure("found no digit in a number") }
        if byte == UInt8(ascii: "0") {
            index += 1
            if isDigit(byte) { throw failure("a number begins with a zero too many") }
        }
        while isDigit(byte) { index += 1 }
        if byte == UInt8(ascii: ".") {
            index += 1
            guard isDigit(byte) else { throw failure("found no digit after the point") }
            while isDigit(byte) { index += 1 }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            index += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
            guard isDigit(byte) else { throw failure("found no digit in the exponent") }
            while isDigit(byte) { index += 1 }
        }
        guard index - start <= 64 else { throw failure("a number is longer than 64 characters", at: start) }
        return JSONNumber(text: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func string() throws(JSONError) -> String {
        let start = index
        index += 1
        var text: [UInt8] = []
        var clean = index
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                text.append(contentsOf: bytes[clean..<index])
                index += 1
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("a string is not valid UTF-8", at: start)
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[clean..<index])
                try escape(into: &text)
                clean = index
            case 0..<0x20: throw failure("a string has a control character that is not escaped")
            default: index += 1
            }
        }
        throw failure("a string does not end", at: start)
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let place = index
        index += 1
        guard let letter = byte else { throw failure("a string does not end") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xd800..<0xdc00).contains(code) {
                guard byte == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u") else {
                    throw failure("half a surrogate pair", at: place)
                }
                index += 2
                let low = try hexadecimal()
                guard (0xdc00..<0xe000).contains(low) else { throw failure("half a surrogate pair", at: place) }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure("half a surrogate pair", at: place) }
            text.append(contentsOf: String(Character(scalar)).utf8)
        default: throw failure("found an escape that JSON does not have", at: place)
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = byte.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }), byte ?? 0xff < 0x80 else {
                throw failure("found no four hexadecimal digits after \\u")
            }
            code = code << 4 | UInt32(digit)
            index += 1
        }
        return code
    }

    private func shown(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(64))).unicodeScalars.map {
            $0.escaped(asASCII: false)
        }
        .joined()
    }
}

extension String {
    /// Compares and hashes by bytes: a million combining marks cost only their bytes, and names that only look
    /// the same are different.
    struct UTF8Key: Hashable {
        private let bytes: [UInt8]

        init(_ text: String) {
            bytes = Array(text.utf8)
        }
    }
}
