internal import Crypto

/// SHA-256 as 64 lower-case hexadecimal digits.
package struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Returns: nil unless `hex` is exactly 64 lower-case hexadecimal digits.
    package init?(hex: some StringProtocol) {
        let isDigit: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(isDigit) else { return nil }
        description = String(hex)
    }

    /// The digest of some bytes.
    package init(of bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }

    private init(_ digest: SHA256.Digest) {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        description = String(decoding: text, as: UTF8.self)
    }

    /// The first twelve digits, for people.
    package var short: String { String(description.prefix(12)) }

    /// A digest that grows as bytes come by.
    package struct Running {
        private var hash = SHA256()

        package init() {}

        package mutating func update(_ bytes: [UInt8]) {
            hash.update(data: bytes)
        }

        package func finish() -> ContentDigest {
            ContentDigest(hash.finalize())
        }
    }
}
