internal import Glibc

/// A numeric IP address. Text is parsed by inet_pton(3): no name is ever looked up.
package struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
    /// Four or sixteen.
    let bytes: [UInt8]

    /// `1.2.3.4`, `::1`, `[::1]:80`, `1.2.3.4:80`, `::ffff:1.2.3.4` (which is the IPv4 address in it).
    package init?(_ text: some StringProtocol) {
        var text = text.drop { $0 == " " || $0 == "\t" }[...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        // Only visible ASCII: C would stop at a NUL and ignore the rest.
        guard (2...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            return nil
        }
        if text.first == "[" {
            guard let end = text.lastIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || Self.isPort(rest) else { return nil }
            text = text[text.index(after: text.startIndex)..<end]
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            guard Self.isPort(text[colon...]) else { return nil }
            text = text[..<colon]
        }
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, String(text), &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, String(text), &sixteen) == 1 else { return nil }
        let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10] == 0xff && sixteen[11] == 0xff
        bytes = isMapped ? Array(sixteen.suffix(4)) : sixteen
    }

    private static func isPort(_ text: some StringProtocol) -> Bool {
        text.first == ":" && decimal(text.dropFirst(), UInt16.self) != nil
    }

    /// Digits only: no sign.
    static func decimal<Number: FixedWidthInteger>(_ text: some StringProtocol, _ type: Number.Type) -> Number? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Number(text) : nil
    }

    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// The unit that limits apply to: the address, or the /64 of an IPv6 address, which one customer usually has.
    package var bucket: String {
        bytes.count == 4
            ? description : bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ".") + "/64"
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
