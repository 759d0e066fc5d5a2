internal import Yams

/// Reads one YAML document into located nodes, and refuses what a configuration file has no need of.
///
/// Refused: more than `maximumBytes`, `maximumDepth`, `maximumNodes`; anchors and aliases (the material of "billion
/// laughs"), tags, merge keys, keys that are not scalars, duplicate keys, several documents, control characters.
/// The functions are pure and may be called from any thread.
package enum YAMLReader {
    package static let maximumBytes = 262_144
    /// Collections inside collections.
    package static let maximumDepth = 16
    package static let maximumNodes = 20_000

    /// Parses `text`, the content of `file`.
    ///
    /// - Parameter allowsEmpty: takes a document with nothing in it, or comments alone, as an empty mapping.
    /// - Throws: `ConfigurationError` with one error for a document that cannot be read at all, and with all of
    ///   them for documents that are YAML but use what is refused.
    package static func parse(
        _ text: String, file: String, allowsEmpty: Bool = false
    ) throws(ConfigurationError) -> YAMLNode {
        try checkText(text, file: file)
        // Yams expands aliases while it composes, and hashes expanded keys, so that a bomb goes off before anyone
        // can look. Hence a first pass over a copy in which every `&` and `!` is a `*`: anchors and tags become
        // aliases of anchors that do not exist, and Yams stops at the first. Inside scalars and comments the three
        // characters mean the same to the scanner, so a copy that passes proves that the original has none of them.
        // A text without the two is its own copy: an alias of no anchor is found in the only pass.
        if text.utf8.contains(where: { $0 == 0x26 || $0 == 0x21 }) {
            let masked = String(decoding: text.utf8.map { $0 == 0x26 || $0 == 0x21 ? 0x2A : $0 }, as: UTF8.self)
            _ = try compose(masked, original: text, file: file)
        }
        guard let root = try compose(text, original: text, file: file) else {
            if allowsEmpty { return YAMLNode(content: .mapping([]), location: SourceLocation(file: file, line: 1)) }
            throw ConfigurationError(
                ConfigurationDiagnostic(of: file, "this file says nothing", hint: "every file begins with version: 1"))
        }
        let log = DiagnosticLog()
        var converter = YAMLConverter(file: file, log: log)
        let node = converter.convert(root, path: "", depth: 0)
        try log.throwIfAny()
        return node
    }

    private static func compose(_ text: String, original: String, file: String) throws(ConfigurationError) -> Node? {
        do {
            // The basic resolver leaves every scalar a string, and the encoding is said so that the environment
            // variable that Yams would look at has no say.
            return try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw ConfigurationError(YAMLSyntax.diagnostic(for: error, text: original, file: file))
        } catch {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: SourceLocation(file: file, line: 1), key: "",
                    found: ConfigurationDiagnostic.quote("\(error)"), allowed: "a YAML document"))
        }
    }

    /// Size and characters, before any parser sees the text.
    private static func checkText(_ text: String, file: String) throws(ConfigurationError) {
        guard text.utf8.count <= maximumBytes else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: SourceLocation(file: file, line: 1), key: "", found: "\(text.utf8.count) bytes",
                    allowed: "at most \(maximumBytes) bytes"))
        }
        // Yams drops it from the start of a scalar, so that what is checked would not be what is used.
        if let mark = text.unicodeScalars.firstIndex(of: "\u{FEFF}") {
            let line = text.unicodeScalars[..<mark].count { $0 == "\n" } + 1
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    at: SourceLocation(file: file, line: line), key: "", found: "a byte order mark (U+FEFF)",
                    allowed: "UTF-8 text without one"))
        }
        var line = 1
        for byte in text.utf8 {
            if byte == 0x0A { line += 1 }
            guard byte >= 0x20 && byte != 0x7F || byte == 0x09 || byte == 0x0A || byte == 0x0D else {
                throw ConfigurationError(
                    ConfigurationDiagnostic(
                        at: SourceLocation(file: file, line: line), key: "",
                        found: "the control character \(byte)", allowed: "printable text, tabs and line breaks"))
            }
        }
    }
}
