package import SandboxSpec

/// Limits as people write them: in policies, and in `--limit cpu=2s`.
package enum LimitText {
    /// The value of `text` in the unit of the limit.
    ///
    /// - Throws: `InvalidQuantity` for text without the right unit, or outside `LimitName.range`.
    package static func parse(_ text: String, for name: LimitName) throws(InvalidQuantity) -> Int64 {
        try Quantity.parse(text, as: QuantityKind(name.unit), in: name.range)
    }

    /// A value of a limit in human units, exactly: `1.5s`, `256MiB`, `64`, `0.5`.
    package static func format(_ value: Int64, of name: LimitName) -> String {
        Quantity.format(value, as: QuantityKind(name.unit))
    }

    /// A measured value of a limit, rounded to what a person wants to read: `1.273s`, `61.44MiB`.
    package static func formatRounded(_ value: Int64, of name: LimitName) -> String {
        Quantity.format(value, as: QuantityKind(name.unit), rounded: true)
    }

    /// The values a limit may have, in human units: `4MiB to 1024GiB`.
    package static func range(of name: LimitName) -> String {
        Quantity.rangeText(name.range, of: QuantityKind(name.unit))
    }

    /// Reads an assignment such as `cpu=2s`.
    ///
    /// - Throws: `InvalidQuantity` for an unknown limit (with the closest known one) or a bad value; what was found
    ///   then begins with the name, so that the message stands on its own.
    package static func assignment(_ text: String) throws(InvalidQuantity) -> (name: LimitName, value: Int64) {
        let names = LimitName.allCases.map(\.rawValue)
        guard let split = text.firstIndex(of: "=") else {
            throw InvalidQuantity(
                found: ConfigurationDiagnostic.quote(text), allowed: "NAME=VALUE, such as cpu=2s",
                hint: names.contains(text) ? "add a value: \(text)=…" : nil)
        }
        let key = String(text[..<split])
        guard let name = LimitName(rawValue: key) else {
            throw InvalidQuantity(
                found: "the limit \(ConfigurationDiagnostic.quote(key))", allowed: names.joined(separator: ", "),
                hint: Suggestion.hint(for: key, among: names))
        }
        do throws(InvalidQuantity) {
            return (name, try parse(String(text[text.index(after: split)...]), for: name))
        } catch {
            throw InvalidQuantity(found: "\(key) \(error.found)", allowed: error.allowed, hint: error.hint)
        }
    }
}
