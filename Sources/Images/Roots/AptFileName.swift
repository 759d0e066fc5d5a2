/// How apt calls the package lists and packages it keeps: a location in one file name.
enum AptFileName {
    private static let special = Set("\\|{}[]<>\"^~_=!@#$%^&*".utf8)
    private static let digits = Array("0123456789abcdef".utf8)

    /// The name for a path: special characters as `%xx`, then `_` for `/`.
    static func encode(_ path: String) -> String {
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            if byte == 0x2f {
                bytes.append(0x5f)
            } else if special.contains(byte) || byte <= 0x20 || byte >= 0x7f {
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The path behind a name; nil when a `%` is not followed by two digits.
    static func decode(_ name: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x5f: bytes.append(0x2f)
            case 0x25:
                guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a mirror calls the package that apt keeps as `name_version_architecture.deb`: the same without the epoch.
    static func poolName(_ archive: String) -> String {
        let parts = (decode(archive.replacing("_", with: "%5f")) ?? archive).split(
            separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 3, let colon = parts[1].firstIndex(of: ":") else { return parts.joined(separator: "_") }
        return [parts[0], parts[1][parts[1].index(after: colon)...], parts[2]].joined(separator: "_")
    }
}
