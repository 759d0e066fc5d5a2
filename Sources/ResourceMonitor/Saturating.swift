/// Arithmetic that stays at the end of the range instead of trapping or wrapping.
enum Saturating {
    static func add(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b > 0 ? .max : .min) : sum
    }

    static func subtract(_ a: Int64, _ b: Int64) -> Int64 {
        let (difference, overflow) = a.subtractingReportingOverflow(b)
        return overflow ? (b < 0 ? .max : .min) : difference
    }

    /// a x b / c, rounded down, for a >= 0, b >= 0, c > 0.
    static func scale(_ a: Int64, by b: Int64, over c: Int64) -> Int64 {
        guard a >= 0, b >= 0, c > 0 else { return 0 }
        let (high, low) = a.multipliedFullWidth(by: b)
        guard high < c else { return .max }
        return c.dividingFullWidth((high, low)).quotient
    }

    /// The smallest whole number that is at least `percent` of `value`, for value >= 0.
    static func percent(_ percent: UInt8, of value: Int64) -> Int64 {
        let share = Int64(min(percent, 100))
        return add(scale(value / 100, by: share, over: 1), (value % 100 * share + 99) / 100)
    }
}
