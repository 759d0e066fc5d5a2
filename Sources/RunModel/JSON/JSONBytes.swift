internal import StrictJSON

/// JSON that is being written: what `JSONEncoder` writes with sorted keys and slashes that are not escaped, byte for byte.
///
/// The caller writes members in the order of their keys, and opens and closes what it writes.
package struct JSONBytes {
    package private(set) var bytes: [UInt8] = []
    /// Whether everything could be written: JSON has no infinite numbers.
    package private(set) var isValid = true

    /// - Parameter size: how many bytes there will be, about.
    package init(size: Int = 1024) {
        bytes.reserveCapacity(size)
    }

    package mutating func open(_ bracket: Unicode.Scalar = "{") { bytes.append(UInt8(ascii: bracket)) }
    package mutating func close(_ bracket: Unicode.Scalar = "}") { bytes.append(UInt8(ascii: bracket)) }

    /// The key of the next member of an object, with the comma before it. It needs no escapes.
    package mutating func key(_ name: String) {
        separate()
        word(name)
        colon()
    }

    /// The key of the next member, which may need escapes.
    package mutating func key(escaping name: String) {
        separate()
        string(name)
        colon()
    }

    private mutating func separate() {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func colon() { bytes.append(UInt8(ascii: ":")) }

    /// A string that needs no escapes.
    package mutating func word(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A number as it was written in JSON.
    package mutating func literal(_ number: String) { bytes.append(contentsOf: number.utf8) }

    /// A whole value that is JSON already.
    package mutating func raw(_ json: [UInt8]) { bytes.append(contentsOf: json) }

    package mutating func null() { bytes.append(contentsOf: "null".utf8) }
    package mutating func bool(_ value: Bool) { bytes.append(contentsOf: (value ? "true" : "false").utf8) }
    package mutating func integer(_ value: some BinaryInteger) { bytes.append(contentsOf: String(value).utf8) }

    package mutating func number(_ value: Double) {
        guard value.isFinite else {
            isValid = false
            return
        }
        bytes.append(contentsOf: Self.text(of: value).utf8)
    }

    /// A finite number; whole ones without a point.
    static func text(of value: Double) -> String {
        // Up to here no exponent is written. The sign of zero is.
        if value.magnitude < 1e15, let whole = Int64(exactly: value), whole != 0 || value.sign == .plus {
            return String(whole)
        }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    package mutating func string(_ text: String) { JSONWriter.append(text, to: &bytes) }

    /// Valid UTF-8, copied once.
    package mutating func string(_ text: [UInt8]) { JSONWriter.append(text, to: &bytes) }

    package mutating func base64(_ content: [UInt8]) { JSONWriter.appendBase64(content, to: &bytes) }

    /// What is there, or null.
    package mutating func optional<Value>(_ value: Value?, _ write: (inout JSONBytes, Value) -> Void) {
        if let value { write(&self, value) } else { null() }
    }

    package mutating func array<Value>(_ values: [Value], _ write: (inout JSONBytes, Value) -> Void) {
        open("[")
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            write(&self, value)
        }
        close("]")
    }

    /// - Parameter write: is called in the order of the keys' bytes; keys may need escapes.
    package mutating func dictionary<Value>(_ members: [String: Value], _ write: (inout JSONBytes, Value) -> Void) {
        open()
        for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            self.key(escaping: key)
            write(&self, value)
        }
        close()
    }
}

/// A value that writes its own JSON: what is sent for every run. `JSONText` asks these first.
///
/// They are `Encodable` too, and give the same bytes that way; `Tests/RunModelTests` compares them.
package protocol JSONWritable: Encodable {
    func write(to output: inout JSONBytes)

    /// About how many bytes that will be.
    var jsonSize: Int { get }
}

extension JSONWritable {
    package var jsonSize: Int { 1024 }
}
