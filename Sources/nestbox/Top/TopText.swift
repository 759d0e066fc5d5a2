/// Values as `nestbox top` writes them.
enum TopText {
    /// Without anything that moves the cursor, or that changes the direction or the width of a line.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .nonspacingMark: "?"
                    default: scalar
                    }
                }))
    }

    /// `0.4 s`, `12 s`, `3m05s`, `2h07m`.
    static func time(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "-" }
        if seconds < 10 { return "\((seconds * 10).rounded() / 10) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
        return "\(whole / 3600)h\(two(whole / 60 % 60))m"
    }

    static func percent(_ part: Double) -> String {
        part.isFinite ? "\(Int((min(max(part, 0), 1) * 100).rounded())) %" : "-"
    }

    /// The time of day of an RFC 3339 time, in UTC.
    static func clock(_ time: String) -> String {
        let parts = time.split(separator: "T")
        return parts.count == 2 ? String(plain(String(parts[1].prefix(8)))) : "-"
    }

    /// `[|||||     ]`, as wide as it is told.
    static func bar(_ part: Double, width: Int) -> String {
        let inner = max(width - 2, 1)
        let full = part.isFinite ? Int((min(max(part, 0), 1) * Double(inner)).rounded()) : 0
        return "[" + String(repeating: "|", count: full) + String(repeating: " ", count: inner - full) + "]"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
