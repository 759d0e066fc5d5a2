/// The filter of the policy, as the kernel would run it (classic BPF over `struct seccomp_data`): what a call would get.
///
/// While a call is observed the kernel asks us instead, so the answer is worked out from the very program that ordinary runs have.
package struct FilterProgram: Sendable {
    /// What a call gets.
    package enum Answer: Sendable, Equatable {
        case allow
        /// 0: answered, and not carried out.
        case errno(Int32)
        /// The process is ended.
        case kill
    }

    private struct Instruction: Sendable {
        let code: UInt16
        let ifTrue, ifFalse: UInt8
        let value: UInt32
    }

    private static let x86_64: UInt32 = 0xc000_003e
    /// BPF_MAXINSNS.
    private static let maximumLength = 4096

    private let instructions: [Instruction]

    /// - Parameter bytes: `struct sock_filter`s.
    /// - Returns: nil for anything that the kernel would refuse, or that is not among what our filters consist of.
    package init?(bytes: [UInt8]) {
        guard bytes.count % 8 == 0, (1...Self.maximumLength).contains(bytes.count / 8) else { return nil }
        instructions = stride(from: 0, to: bytes.count, by: 8).map { at in
            let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + 4 + $1]) << UInt32(8 * $1) }
            return Instruction(
                code: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8, ifTrue: bytes[at + 2], ifFalse: bytes[at + 3],
                value: value)
        }
        for (index, instruction) in instructions.enumerated() {
            let reach: UInt64
            switch instruction.code {
            case 0x06: continue
            case 0x20:
                guard instruction.value % 4 == 0, instruction.value < 64 else { return nil }
                reach = 0
            case 0x54: reach = 0
            case 0x05: reach = UInt64(instruction.value)
            case 0x15, 0x35, 0x45: reach = UInt64(max(instruction.ifTrue, instruction.ifFalse))
            default: return nil
            }
            // Every path ends with an answer.
            guard UInt64(index) + 1 + reach < UInt64(instructions.count) else { return nil }
        }
    }

    /// - Parameter arguments: six.
    package func answer(to number: UInt32, _ arguments: [UInt64]) -> Answer {
        var accumulator: UInt32 = 0
        var index = 0
        // Jumps go forward only, so this ends.
        while true {
            let instruction = instructions[index]
            index += 1
            var isMet: Bool?
            switch instruction.code {
            case 0x20: accumulator = Self.word(at: instruction.value, number, arguments)
            case 0x54: accumulator &= instruction.value
            case 0x05: index += Int(instruction.value)
            case 0x15: isMet = accumulator == instruction.value
            case 0x35: isMet = accumulator >= instruction.value
            case 0x45: isMet = accumulator & instruction.value != 0
            default: return Self.answer(instruction.value)
            }
            if let isMet { index += Int(isMet ? instruction.ifTrue : instruction.ifFalse) }
        }
    }

    private static func word(at offset: UInt32, _ number: UInt32, _ arguments: [UInt64]) -> UInt32 {
        switch offset {
        case 0: return number
        case 4: return x86_64
        case 8, 12: return 0  // where the call was made, which no filter of ours asks
        default:
            let index = Int(offset - 16) / 8
            let argument = index < arguments.count ? arguments[index] : 0
            return UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
        }
    }

    private static func answer(_ value: UInt32) -> Answer {
        switch value & 0xffff_0000 {
        case 0x7fff_0000: .allow
        case 0x0005_0000: .errno(Int32(value & 0xffff))
        default: .kill
        }
    }
}
