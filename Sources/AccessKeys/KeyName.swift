/// The names that a key may have: they are printed to terminals and logs.
enum KeyName {
    static let allowed = "1 to 64 bytes without control characters"

    static func isAllowed(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64 && name.unicodeScalars.allSatisfy(isPrintable)
    }

    /// Text of a file, shortened and made safe to print.
    static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter(isPrintable).prefix(64)))
    }

    /// Control characters of both sets, line and paragraph separators, and characters that change the direction of text.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}
