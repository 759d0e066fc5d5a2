/// The name of a workspace: 20 lower-case letters and digits, 103 random bits. It has a place in a label of a host name, behind the
/// number of a port.
package struct WorkspaceID: Sendable, Hashable, CustomStringConvertible {
    package static let length = 20
    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)

    package let description: String

    /// A fresh id. The generator is a parameter so that tests can foresee it.
    package init(using generator: inout some RandomNumberGenerator) {
        description = String(
            decoding: (0..<Self.length).map { _ in
                Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &generator)]
            }, as: UTF8.self)
    }

    /// A fresh id from the system's random source.
    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    /// An id from text; nil unless it is exactly what ids are.
    package init?(_ text: String) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        description = text
    }
}
