internal import Glibc

/// An address of the internet, version 4 or 6, as a value: 4 or 16 bytes, the highest first. Without a scope.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16 of them, the highest first; nil for any other number.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads the one usual form of an address of version 4, four decimal numbers, or any form of one of version 6. No
    /// other way to write a number is an address here: 127.1, 0x7f000001 and 0177.0.0.1 are none.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        let isV6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        guard inet_pton(isV6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        self.bytes = bytes
    }

    package var isV6: Bool { bytes.count == 16 }

    /// The canonical form; one of version 6 without brackets.
    package var description: String {
        var text = [CChar](repeating: 0, count: 64)
        let bytes = bytes
        guard inet_ntop(isV6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// As it stands before a colon and a port.
    package var hostText: String { isV6 ? "[\(description)]" : description }

    /// Whether its first bits are those of another one of the same version.
    func begins(with prefix: [UInt8], bits: Int) -> Bool {
        guard prefix.count <= bytes.count, bits <= prefix.count * 8 else { return false }
        let whole = bits / 8
        guard bytes[..<whole].elementsEqual(prefix[..<whole]) else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF00 >> rest)
        return bytes[whole] & mask == prefix[whole] & mask
    }
}
