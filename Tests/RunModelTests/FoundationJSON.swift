import FoundationEssentials

/// What Foundation's encoder makes of a value, with the settings of `JSONText`: the measure of what is written by hand.
enum FoundationJSON {
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
