internal import Digests

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
        self.init(bytes: DigestAlgorithm.sha256.digest(of: bytes))
    }

    private init(bytes: [UInt8]) {
        description = Hexadecimal.text(of: bytes)
    }

    /// The first twelve digits, for people.
    package var short: String { String(description.prefix(12)) }

    /// A digest that grows as bytes come by.
    package struct Running: ~Copyable {
        private var hash = RunningDigest(.sha256)

        package init() {}

        package mutating func update(_ bytes: [UInt8]) {
            hash.update(bytes)
        }

        /// The digest of all bytes so far. Afterwards it is the digest of no bytes again.
        package mutating func finish() -> ContentDigest {
            ContentDigest(bytes: hash.finish())
        }
    }
}
