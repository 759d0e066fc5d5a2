/// The name that a message to a name server asks for (RFC 1035).
enum NameQuestion {
    /// - Returns: the name, in lower case, without a dot at its end; nil when the bytes are not one well-formed question.
    static func name(in message: [UInt8]) -> String? {
        // Header: id, flags, one question, no answers.
        guard message.count >= 17, message[2] & 0xf8 == 0, message[4] == 0, message[5] == 1,
            message[6...9].allSatisfy({ $0 == 0 })
        else { return nil }
        var labels: [String] = []
        var index = 12
        var total = 0
        while true {
            guard index < message.count else { return nil }
            let length = Int(message[index])
            if length == 0 { break }
            // No pointers in a question; a name has 253 characters at most.
            guard length <= 63, index + length < message.count, total + length < 254 else { return nil }
            let label = message[index + 1...index + length]
            guard label.allSatisfy({ isNameByte($0) }) else { return nil }
            labels.append(String(decoding: label, as: UTF8.self).lowercased())
            total += length + 1
            index += length + 1
        }
        // Type and class follow the name.
        guard !labels.isEmpty, index + 4 < message.count else { return nil }
        return labels.joined(separator: ".")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
