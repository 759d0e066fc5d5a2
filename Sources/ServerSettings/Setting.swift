/// One thing an operator may set, and how it is called everywhere.
package struct Setting: Sendable {
    package enum Kind: Sendable, Equatable {
        case text
        /// Any of these words.
        case choice([String])
        case flag
        case list
        case count(ClosedRange<Int64>)
        /// With a unit, 64KiB and more.
        case bytes
        /// The same, or 0 for none.
        case bytesOrNone
        /// With a unit, 1ms to 24h.
        case duration
        /// The same, or 0 for never.
        case durationOrNone
    }

    /// As in the file; with dashes the flag, in capitals the variable.
    package let name: String
    package let kind: Kind
    /// As text; empty for none.
    package let standard: String
    package let help: String

    package var flag: String { "--" + name.replacing("_", with: "-") }
    package var variable: String { "NESTBOX_" + name.uppercased() }
}

/// Where a value came from.
package enum SettingSource: Sendable, Equatable, CustomStringConvertible {
    case standard
    case file(String, line: Int)
    case variable(String)
    case flag(String)

    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .variable(let name): "$\(name)"
        case .flag(let name): name
        }
    }
}
