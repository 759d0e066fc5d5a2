package import SandboxSpec

/// A wheel of the Python package index whose files become part of an image's root.
package struct RootWheel: Sendable, Equatable {
    package let name: String
    package let version: String
    /// What the archive has to be; nothing else is unpacked.
    package let digest: ContentDigest
    /// The directory it is unpacked into, below `/`.
    package let into: BoxPath

    package init(name: String, version: String, digest: ContentDigest, into: BoxPath) {
        self.name = name
        self.version = version
        self.digest = digest
        self.into = into
    }

    /// The most wheels of one root.
    static let maximumCount = 8

    static let nameForm = "the name of a project: 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit"
    static let versionForm = "one version: 1 to 64 of A-Z a-z 0-9 . + ! _ -, the first a letter or digit"

    static func isName(_ text: String) -> Bool { isWord(text, besides: "._-") }
    static func isVersion(_ text: String) -> Bool { isWord(text, besides: ".+!_-") }

    private static func isWord(_ text: String, besides others: String) -> Bool {
        func isPlain(_ byte: UInt8) -> Bool {
            (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
        }
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isPlain(first) else { return false }
        return text.utf8.allSatisfy { isPlain($0) || others.utf8.contains($0) }
    }
}
