/// One argument of a call, in words.
package struct DecodedArgument: Sendable, Hashable, Encodable {
    package let name: String
    package let value: String
    /// Whether it was read from the program's memory, which the program may have changed since: a claim, no evidence.
    package let claimed: Bool

    package init(name: String, value: String, claimed: Bool) {
        self.name = name
        self.value = value
        self.claimed = claimed
    }
}

/// Puts the arguments of calls into words. Pure; whatever the arguments are, the result is bounded.
package enum CallDecoder {
    /// - Parameters:
    ///   - arguments: six; missing ones are 0.
    ///   - text: the NUL-terminated text at an address of the program, without its NUL; nil when it cannot be read.
    package static func decode(
        _ call: String, _ arguments: [UInt64], text: (UInt64) -> [UInt8]?
    ) -> [DecodedArgument] {
        guard let shape = CallShape.of(call) else { return [] }
        return shape.parameters.map { parameter in
            let value = parameter.index < arguments.count ? arguments[parameter.index] : 0
            if case .text = parameter.kind {
                let read = text(value)
                let shown = read.map { ShownText.of($0) } ?? (value == 0 ? "NULL" : "unreadable")
                return DecodedArgument(name: parameter.name, value: shown, claimed: read != nil)
            }
            let level =
                parameter.index > 0 && parameter.index - 1 < arguments.count ? arguments[parameter.index - 1] : 0
            return DecodedArgument(
                name: parameter.name, value: words(parameter.kind, value, level: level), claimed: false)
        }
    }

    private static func words(_ kind: CallShape.Kind, _ full: UInt64, level: UInt64) -> String {
        // The kernel takes every argument of the table as 32 bits.
        let value = full & 0xffff_ffff
        switch kind {
        case .number: return "\(Int32(truncatingIfNeeded: value))"
        case .hexadecimal, .text: return hexadecimal(value)
        case .value(let names): return names[value] ?? number(value)
        case .flags(let names): return flags(value, names)
        case .valueAndFlags(let mask, let values, let names):
            let main = values[value & mask] ?? number(value & mask)
            return value & ~mask == 0 ? main : main + "|" + flags(value & ~mask, names)
        case .socketOption: return SocketOptionNames.name(of: value, level: level & 0xffff_ffff) ?? number(value)
        }
    }

    private static func flags(_ value: UInt64, _ names: ArgumentNames.Flags) -> String {
        var left = value
        var words: [String] = []
        for flag in names where left & flag.bits == flag.bits {
            words.append(flag.name)
            left &= ~flag.bits
        }
        if left != 0 || words.isEmpty { words.append(hexadecimal(left)) }
        return words.joined(separator: "|")
    }

    /// Small numbers are read as such, large ones are bits.
    private static func number(_ value: UInt64) -> String { value < 4096 ? "\(value)" : hexadecimal(value) }

    private static func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
}
