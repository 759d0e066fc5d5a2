/// One thing an operator may set: what it is called everywhere, how its values are written, and where a value goes.
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

    typealias Path<Value> = any WritableKeyPath<ServerSettings, Value> & Sendable

    /// As in the file; with dashes the flag, in capitals the variable.
    package let name: String
    package let kind: Kind
    /// As text; empty for none.
    package let standard: String
    package let help: String
    /// The default that follows other settings, which stand before this one; nil for `standard`.
    let derived: @Sendable (ServerSettings) -> String?
    /// Reads a value and puts it in its place.
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
