/// One setting: its names, the format of its values, and the property it sets.
package struct Setting: Sendable {
    package enum Kind: Sendable, Equatable {
        case text
        /// One of these words.
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

    typealias Path<Value> = any WritableKeyPath<ServerSettings, Value> & Sendable

    /// The name in the file; with dashes it is the flag, in capitals the variable.
    package let name: String
    package let kind: Kind
    /// The default as text; empty for none.
    package let standard: String
    package let help: String
    /// The default that depends on other settings, which come before this one; nil for `standard`.
    let derived: @Sendable (ServerSettings) -> String?
    /// Parses a value and stores it.
    let assign: @Sendable (SettingLayers.Found, inout ServerSettings) throws(SettingValue.Invalid) -> Void

    package var flag: String { "--" + name.replacing("_", with: "-") }
    package var variable: String { "NESTBOX_" + name.uppercased() }

    init<Value>(
        _ name: String, _ path: Path<Value>, _ format: SettingFormat<Value>, standard: String = "",
        derived: @escaping @Sendable (ServerSettings) -> String? = { _ in nil }, help: String
    ) {
        self.name = name
        self.standard = standard
        self.help = help
        self.derived = derived
        kind = format.kind
        assign = { (found, settings) throws(SettingValue.Invalid) in
            settings[keyPath: path] = try format.read(found)
        }
    }
}
