/// Reads and writes quantities with units. Pure functions; no text makes them trap.
package enum Quantity {
    /// Digits before the point. With the largest unit, that many still fit the arithmetic below many times over.
    private static let maximumDigits = 18
    /// Digits after the point: a nanosecond is the ninth digit of a second.
    private static let maximumFractionDigits = 9

    /// The value of `text` in the smallest unit of `kind`, rounded down.
    ///
    /// The grammar is `digits [. digits] unit`: no sign, no exponent, no blank, no base but ten.
    /// - Parameter range: what is allowed after conversion to the smallest unit.
    /// - Throws: `InvalidQuantity`, naming the allowed units or the allowed range in human units.
    package static func parse(
        _ text: String, as kind: QuantityKind, in range: ClosedRange<Int64>
    ) throws(InvalidQuantity) -> Int64 {
        let found = ConfigurationDiagnostic.quote(text)
        var rest = Substring(text).utf8
        let whole = digits(&rest)
        var fraction = Substring("").utf8
        var hasPoint = false
        if rest.first == UInt8(ascii: ".") {
            hasPoint = true
            rest = rest.dropFirst()
            fraction = digits(&rest)
        }
        let unitName = String(Substring(rest))
        guard !whole.isEmpty, hasPoint == !fraction.isEmpty, kind.allowsFraction || !hasPoint else {
            throw InvalidQuantity(found: found, allowed: kind.form)
        }
        guard let unit = kind.units.first(where: { $0.name == unitName }) else {
            let hint = Suggestion.hint(for: unitName, among: kind.units.map(\.name))
            throw InvalidQuantity(found: found, allowed: kind.form, hint: unitName.isEmpty ? nil : hint)
        }
        let outside = InvalidQuantity(found: found, allowed: "\(rangeText(range, of: kind))")
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        guard significant.count <= maximumDigits, fraction.count <= maximumFractionDigits else {
            throw outside
        }
        // At most 10^18 × 3.6 × 10^12 and 10^9 × 3.6 × 10^12: far inside 128 bits.
        var value = number(significant) * Int128(unit.factor)
        value += number(fraction) * Int128(unit.factor) / powerOfTen(fraction.count)
        guard let value = Int64(exactly: value), range.contains(value) else { throw outside }
        return value
    }

    /// The shortest exact way to write `value`, which is in the smallest unit of `kind`: `1.5s`, `256MiB`, `0.5`.
    ///
    /// With `rounded`, at most three digits after the point and any unit that fits: for measured values, which are
    /// rarely round.
    package static func format(_ value: Int64, as kind: QuantityKind, rounded: Bool = false) -> String {
        switch kind {
        case .count: return "\(value)"
        case .percent: return "\(value)%"
        case .processors: return decimal(value, of: 1000, digits: 3, atLeastOne: true)
        case .duration: return duration(value, rounded: rounded)
        case .bytes: return bytes(value, rounded: rounded)
        }
    }

    /// A range in human units, such as `1ms to 24h`.
    package static func rangeText(_ range: ClosedRange<Int64>, of kind: QuantityKind) -> String {
        "\(format(range.lowerBound, as: kind)) to \(format(range.upperBound, as: kind))"
    }

    private static func duration(_ value: Int64, rounded: Bool) -> String {
        if value == 0 { return "0s" }
        if value % 3_600_000_000_000 == 0 { return "\(value / 3_600_000_000_000)h" }
        if value % 60_000_000_000 == 0 { return "\(value / 60_000_000_000)m" }
        if value.magnitude >= 1_000_000_000 {
            return decimal(value, of: 1_000_000_000, digits: rounded ? 3 : 9) + "s"
        }
        return decimal(value, of: 1_000_000, digits: rounded ? 3 : 6) + "ms"
    }

    private static func bytes(_ value: Int64, rounded: Bool) -> String {
        if value == 0 { return "0B" }
        let binary = QuantityKind.bytes.units.filter { $0.name == "B" || $0.name.hasSuffix("iB") }.reversed()
        let decimals = QuantityKind.bytes.units.filter { !$0.name.hasSuffix("iB") }.reversed()
        for unit in Array(binary) where unit.factor > 1 && value % unit.factor == 0 {
            return "\(value / unit.factor)\(unit.name)"
        }
        if rounded, let unit = binary.first(where: { value.magnitude >= UInt64($0.factor) }) {
            return decimal(value, of: unit.factor, digits: 2) + unit.name
        }
        for unit in Array(decimals) where value % unit.factor == 0 { return "\(value / unit.factor)\(unit.name)" }
        return "\(value)B"
    }

    /// `value / divisor` with up to `digits` decimals, rounded to nearest, without trailing zeros.
    private static func decimal(
        _ value: Int64, of divisor: Int64, digits: Int, atLeastOne: Bool = false
    ) -> String {
        let scale = powerOfTen(digits)
        let magnitude = (Int128(value.magnitude) * scale * 2 + Int128(divisor)) / (Int128(divisor) * 2)
        let (whole, remainder) = magnitude.quotientAndRemainder(dividingBy: scale)
        var fraction = "\(remainder)"
        fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        if fraction.isEmpty && atLeastOne { fraction = "0" }
        return (value < 0 ? "-" : "") + "\(whole)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// The value of at most 18 decimal digits.
    private static func number(_ digits: some Sequence<UInt8>) -> Int128 {
        digits.reduce(0) { $0 * 10 + Int128($1 &- 0x30) }
    }

    private static func powerOfTen(_ exponent: Int) -> Int128 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
