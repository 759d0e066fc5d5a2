/// How examples and their inputs are named.
enum ExampleNames {
    /// The file that describes an example.
    static let description = "example.yaml"
    static let idForm = "a lower-case letter or digit, then up to 63 of a-z, 0-9, - and _"
    static let inputForm = "a letter, then up to 31 letters, digits and _"

    static func isID(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...64).contains(text.utf8.count), isLower(first) || isDigit(first) else {
            return false
        }
        return text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == 0x2D || $0 == 0x5F }
    }

    static func isInput(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 32, isLetter(first) else { return false }
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x5F }
    }

    /// `[A-Z][A-Z0-9_]{0,63}`: a variable that no shell or loader takes for its own has to be told apart by `isReserved`.
    static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, (1...64).contains(text.utf8.count), (0x41...0x5A).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { (0x41...0x5A).contains($0) || isDigit($0) || $0 == 0x5F }
    }

    /// Variables that say what is loaded or executed: a value of a client must not become one of them.
    static func isReserved(_ text: String) -> Bool {
        let exact: Set<String> = ["PATH", "HOME", "SHELL", "IFS", "ENV", "PS4", "NODE_OPTIONS", "JDK_JAVA_OPTIONS"]
        let prefixes = [
            "LD_", "BASH", "PYTHON", "PERL", "RUBY", "LUA_", "NODE_", "JAVA_", "GUILE_", "R_", "NESTBOX", "GCONV",
        ]
        return exact.contains(text) || prefixes.contains { text.hasPrefix($0) } || text.hasSuffix("_OPTIONS")
    }

    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
}
