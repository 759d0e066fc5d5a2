/// Percent-encoding of URI components (RFC 3986, section 2.1).
enum PercentCoding {
    /// The text of an encoded component; nil for an invalid escape, for bytes that a URI cannot contain, and for text that is not
    /// UTF-8 once decoded.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool = false) -> String? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            case 0x21...0x7e: decoded.append(byte)
            default: return nil
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Parses a query into names and values.
    ///
    /// - Returns: nil when it is invalid, repeats a name, or has more than 32 parts.
    static func query(_ text: Substring) -> [String: String]? {
        var values: [String: String] = [:]
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = pair.first.flatMap({ decode($0, plusIsSpace: true) }),
                let value = pair.count == 2 ? decode(pair[1], plusIsSpace: true) : "",
                values.count < 32, values.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return values
    }
}
