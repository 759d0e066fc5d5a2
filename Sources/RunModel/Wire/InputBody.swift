package import StrictJSON

/// Input for a running program: `{"data", "encoding", "eof"}`.
package struct InputBody: Sendable, Equatable {
    package var bytes: [UInt8]
    package var end: Bool

    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> InputBody {
        let reader = try ObjectReader.parse(bytes, limits: limits)
        let body = InputBody(reader)
        try reader.finish()
        return body
    }

    init(_ reader: ObjectReader) {
        bytes = Self.bytes(reader, "data") ?? []
        end = reader.bool("eof") ?? false
    }

    /// A string that stands for bytes, as they are or in base64.
    static func bytes(
        _ reader: ObjectReader, _ name: String, encoding: String = "encoding", required: Bool = false
    ) -> [UInt8]? {
        let text = reader.string(name, required: required)
        let code = reader.string(encoding)
        guard let code else { return text.map { Array($0.utf8) } }
        guard let known = OutputText.Encoding(rawValue: code) else {
            reader.complain(encoding, "is \"\(ObjectReader.shown(code, 32))\", expected is utf8 or base64")
            return nil
        }
        guard let text else { return nil }
        if let content = OutputText(data: text, encoding: known) { return content.bytes }
        reader.complain(name, "is not valid base64")
        return nil
    }
}

/// A signal for a running program: `{"signal": "SIGINT"}` or a number.
package struct SignalBody: Sendable, Equatable {
    package var number: UInt8

    package static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(APIError) -> SignalBody {
        let reader = try ObjectReader.parse(bytes, limits: limits)
        let number = SignalName.read(reader, "signal")
        try reader.finish()
        return SignalBody(number: number ?? 0)
    }
}

/// The signals of Linux on x86-64 and arm64 by name; signal(7).
package enum SignalName {
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH",
        "IO", "PWR", "SYS",
    ]

    /// The number of `SIGINT` or `INT`, in any case.
    package static func number(of name: String) -> UInt8? {
        // By bytes: in Unicode, other letters than s and i become S and I.
        let upper = String(decoding: name.utf8.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }, as: UTF8.self)
        let plain = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        return names.firstIndex(of: plain).map { UInt8($0 + 1) }
    }

    static func read(_ reader: ObjectReader, _ member: String) -> UInt8? {
        let expected = "expected is a name such as SIGINT, or a number, 1 to 64"
        switch reader.value(member) {
        case .string(let name)?:
            if name.utf8.count <= 16, let number = number(of: name) { return number }
            reader.complain(member, "is \"\(ObjectReader.shown(name, 16))\", \(expected)")
        case .number(let number)?:
            if let value = number.whole, (1...64).contains(value) { return UInt8(value) }
            reader.complain(member, "is \(number.text.prefix(16)), \(expected)")
        case nil: reader.complain(member, "is missing, \(expected)")
        case let value?: reader.complain(member, "is \(value.typeName), \(expected)")
        }
        return nil
    }
}
