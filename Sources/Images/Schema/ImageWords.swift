/// What names in an `image.yaml` may look like. Everything here ends up in messages, paths or command lines.
enum ImageWords {
    static let nameForm = "1 to 32 of a-z 0-9 + _ . -, the first a letter or digit"
    static let packageForm = "a Debian package, name or name=version"
    static let suiteForm = "a Debian code name such as bookworm"
    static let releaseForm = "numbers with dots between them, such as 3.11"
    static let editorForm = "a mode or MIME type of CodeMirror, such as python or text/x-csrc"
    static let variableForm = "a name of A-Z a-z 0-9 _, not starting with a digit"

    static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...32).contains(bytes.count), let first = bytes.first, isLower(first) else { return false }
        return bytes.allSatisfy { isLower($0) || "+_.-".utf8.contains($0) }
    }

    /// Debian policy 5.6.1 and 5.6.12.
    static func isPackage(_ text: String) -> Bool {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first?.utf8, (2...64).contains(name.count), let first = name.first, isLower(first),
            name.allSatisfy({ isLower($0) || "+.-".utf8.contains($0) })
        else { return false }
        guard parts.count == 2 else { return true }
        let version = parts[1].utf8
        return (1...64).contains(version.count)
            && version.allSatisfy { isLower($0) || (0x41...0x5a).contains($0) || ".+:~-".utf8.contains($0) }
    }

    static func isSuite(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...32).contains(bytes.count), let first = bytes.first, isLower(first) else { return false }
        return bytes.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
    }

    /// At most eight numbers of at most nine digits.
    static func isRelease(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (1...8).contains(parts.count)
            && parts.allSatisfy { (1...9).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// Whether the first character is a letter, a digit or _, ASCII or not: nothing by which programs tell options from names.
    static func beginsPlainly(_ path: String) -> Bool { path.utf8.first.map(isPlain) ?? false }

    /// Whether a path is nothing but a name wherever it is put, in a word of a command or in a line of an interpreter's own.
    static func isPlainPath(_ path: String) -> Bool {
        beginsPlainly(path) && path.utf8.allSatisfy { isPlain($0) || "-.+/".utf8.contains($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        isLower(byte) || (0x41...0x5a).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    static func isEditorMode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLower($0) || "/+_.-".utf8.contains($0) }
    }

    static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first), text.utf8.count <= 128 else { return false }
        return text.utf8.allSatisfy { isLower($0) || (0x41...0x5a).contains($0) || $0 == UInt8(ascii: "_") }
    }

    /// a-z and 0-9.
    private static func isLower(_ byte: UInt8) -> Bool {
        (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
    }
}
