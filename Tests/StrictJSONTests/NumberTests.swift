import StrictJSON
import Testing

@Suite struct NumberTests {
    /// Whole numbers are exact or not there at all: never rounded, never clamped.
    @Test(arguments: [
        ("0", 0), ("1", 1), ("-1", -1), ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854775807", Int64.max), ("-9223372036854775808", Int64.min), ("9223372036854775808", nil),
        ("-9223372036854775809", nil), ("18446744073709551616", nil), ("1e999", nil), ("-0", nil), ("0.5", nil),
        ("1.0", nil), ("1e2", nil), ("123123123123123123123123123", nil),
    ])
    func wholeNumbers(text: String, value: Int64?) {
        #expect(JSONNumber(text: text).int64 == value)
        #expect(JSONNumber(text: text).text == text)
    }

    /// Other numbers are the nearest double, and finite.
    @Test(arguments: [
        ("0", 0.0), ("-0", -0.0), ("0.1", 0.1), ("1e2", 100), ("1E-2", 0.01), ("-1.5e+3", -1500), ("1e308", 1e308),
        ("1e309", nil), ("-1e999", nil), ("1e-999", 0), ("5e-324", Double.leastNonzeroMagnitude),
        ("9007199254740993", 9_007_199_254_740_992),
        ("0.30000000000000004", 0.1 + 0.2),
    ])
    func fractions(text: String, value: Double?) {
        #expect(JSONNumber(text: text).double == value)
    }
}
