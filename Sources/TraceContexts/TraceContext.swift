/// A span of a distributed trace as others see it (W3C Trace Context): what comes in with a request, and what children begin from.
package struct TraceContext: Sendable, Equatable {
    package let traceID: TraceID
    /// Never 0.
    package let spanID: UInt64
    /// Whether the spans of this trace are wanted.
    package let isSampled: Bool
    /// The `tracestate`, passed on as it came; empty for none.
    package let state: String
    /// Whether the span is of another process.
    package let isRemote: Bool

    package init(traceID: TraceID, spanID: UInt64, isSampled: Bool, state: String = "", isRemote: Bool = false) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
        self.isRemote = isRemote
    }

    /// Reads the headers of a request. Who sends a wrong one has sent none.
    ///
    /// - Parameters:
    ///   - parents: all values of `traceparent`; there must be one.
    ///   - states: all values of `tracestate`, in their order; wrong ones are dropped.
    package init?(parents: [String], states: [String] = []) {
        guard parents.count == 1, let parent = parents.first else { return nil }
        let bytes = Array(parent.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = LowerHex.number(bytes[0..<2]), version != 0xff,
            let high = LowerHex.number(bytes[3..<19]), let low = LowerHex.number(bytes[19..<35]),
            let span = LowerHex.number(bytes[36..<52]), let flags = LowerHex.number(bytes[53..<55]),
            let traceID = TraceID(high: high, low: low), span != 0,
            // Later versions may append to it.
            bytes.count == 55 || (version > 0 && bytes[55] == Self.dash)
        else { return nil }
        self.init(
            traceID: traceID, spanID: span, isSampled: flags & 1 == 1, state: TraceState.checked(states) ?? "",
            isRemote: true)
    }

    /// The value of `traceparent`.
    package var parent: String { "00-\(traceID)-\(LowerHex.text(spanID))-\(isSampled ? "01" : "00")" }

    /// The id of the span, in hexadecimal.
    package var spanText: String { LowerHex.text(spanID) }

    private static let dash = UInt8(ascii: "-")
}

/// The id of a trace: 16 bytes, not all of them 0.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// A new one.
    package init(using generator: inout some RandomNumberGenerator) {
        high = .random(in: .min ... .max, using: &generator)
        low = .random(in: 1 ... .max, using: &generator)
    }

    /// 32 hexadecimal digits.
    package var description: String { LowerHex.text(high) + LowerHex.text(low) }
}

/// Numbers in lower-case hexadecimal, with all their digits.
enum LowerHex {
    /// - Returns: nil for anything but the digits 0 to 9 and a to f.
    static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt64(digit - 0x57)
            default: return nil
            }
        }
        return number
    }

    static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
