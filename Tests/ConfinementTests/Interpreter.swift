@testable import Confinement

/// What the kernel hands a filter (`struct seccomp_data`).
struct CallData {
    static let x86_64: UInt32 = 0xc000_003e

    var architecture = CallData.x86_64
    var number: UInt32
    var arguments: [UInt64] = [0, 0, 0, 0, 0, 0]

    init(_ number: UInt32, architecture: UInt32 = CallData.x86_64, first: UInt64 = 0, second: UInt64 = 0) {
        self.init(number, architecture: architecture, [first, second])
    }

    /// - Parameter arguments: up to six; the others are 0.
    init(_ number: UInt32, architecture: UInt32 = CallData.x86_64, _ arguments: [UInt64]) {
        self.number = number
        self.architecture = architecture
        for (index, argument) in arguments.enumerated() { self.arguments[index] = argument }
    }

    /// The 32-bit word at an offset; nil outside, or where the kernel would refuse to load.
    func word(at offset: UInt32) -> UInt32? {
        guard offset % 4 == 0, offset < 64 else { return nil }
        switch offset {
        case 0: return number
        case 4: return architecture
        case 8, 12: return 0  // instruction pointer
        default:
            let argument = arguments[Int(offset - 16) / 8]
            return UInt32(truncatingIfNeeded: offset % 8 == 0 ? argument : argument >> 32)
        }
    }
}

/// Runs a classic BPF program as the kernel would, and takes nothing the kernel's checker would refuse.
struct Interpreter {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let program: [BPFInstruction]
    /// The most instructions any evaluation has taken.
    private(set) var longestRun = 0

    init(_ program: [BPFInstruction]) throws(Fault) {
        guard (1...4096).contains(program.count) else { throw Fault(description: "\(program.count) instructions") }
        for (index, instruction) in program.enumerated() {
            let reach: UInt64
            switch instruction.code {
            case 0x20:
                guard CallData(0).word(at: instruction.value) != nil else {
                    throw Fault(description: "load at \(instruction.value) in \(index)")
                }
                reach = 0
            case 0x54: reach = 0
            case 0x05: reach = UInt64(instruction.value)
            case 0x15, 0x25, 0x35, 0x45: reach = UInt64(max(instruction.ifTrue, instruction.ifFalse))
            case 0x06: continue
            default: throw Fault(description: "code \(instruction.code) in \(index)")
            }
            guard UInt64(index) + 1 + reach < UInt64(program.count) else {
                throw Fault(description: "runs past the end from \(index)")
            }
        }
        self.program = program
    }

    /// The answer: the value of the `ret` that is reached. Every jump goes forward, so there is one.
    mutating func answer(_ data: CallData) throws(Fault) -> UInt32 {
        var accumulator: UInt32 = 0
        var index = 0
        var steps = 0
        while true {
            let instruction = program[index]
            steps += 1
            index += 1
            switch instruction.code {
            case 0x20: accumulator = data.word(at: instruction.value) ?? 0
            case 0x54: accumulator &= instruction.value
            case 0x05: index += Int(instruction.value)
            case 0x15: index += Int(accumulator == instruction.value ? instruction.ifTrue : instruction.ifFalse)
            case 0x25: index += Int(accumulator > instruction.value ? instruction.ifTrue : instruction.ifFalse)
            case 0x35: index += Int(accumulator >= instruction.value ? instruction.ifTrue : instruction.ifFalse)
            case 0x45: index += Int(accumulator & instruction.value != 0 ? instruction.ifTrue : instruction.ifFalse)
            case 0x06:
                longestRun = max(longestRun, steps)
                return instruction.value
            default: throw Fault(description: "code \(instruction.code)")
            }
        }
    }
}
