internal import Glibc

/// Assembles the filter program: architecture, then a balanced search over the numbers, then arguments.
///
/// libseccomp could write the program too, but it drops the argument rules of a call that also has a plain rule, has no
/// masked inequality, and leaves the order of overlapping rules to itself. What decides is better said in one place.
struct FilterAssembler {
    private enum Decision: Equatable {
        case answer(FilterAction)
        case arguments(of: UInt32)
    }

    /// `struct seccomp_data`: nr, arch, instruction_pointer, args[6].
    private static let numberOffset: UInt32 = 0
    private static let architectureOffset: UInt32 = 4
    private static let firstArgumentOffset: UInt32 = 16
    private static let x86_64: UInt32 = 0xc000_003e
    /// Numbers of the x32 ABI carry this bit; they reach the same table with other structure layouts.
    private static let x32: UInt32 = 0x4000_0000

    private var program: [BPFInstruction] = []
    private let rules: [UInt32: ArgumentRule]

    /// - Parameters:
    ///   - plain: numbers let through whatever their arguments.
    ///   - rules: numbers let through for some arguments.
    static func assemble(plain: Set<UInt32>, rules: [UInt32: ArgumentRule]) -> [BPFInstruction] {
        var assembler = FilterAssembler(rules: rules)
        assembler.emit(plain)
        return assembler.program
    }

    private init(rules: [UInt32: ArgumentRule]) {
        self.rules = rules
    }

    private mutating func emit(_ plain: Set<UInt32>) {
        program.append(BPFInstruction(BPFCode.load, Self.architectureOffset))
        program.append(BPFInstruction(BPFCode.jumpIfEqual, Self.x86_64, ifTrue: 1))
        answer(.killProcess)
        program.append(BPFInstruction(BPFCode.load, Self.numberOffset))
        search(segments(plain)[...])
    }

    /// Numbers cut into runs with the same answer; each entry is the first number of its run.
    private func segments(_ plain: Set<UInt32>) -> [(first: UInt32, decision: Decision)] {
        var result: [(first: UInt32, decision: Decision)] = [(0, .answer(.errno(ENOSYS)))]
        func open(_ first: UInt32, _ decision: Decision) {
            if result.last?.first == first { result.removeLast() }
            if result.last?.decision != decision { result.append((first, decision)) }
        }
        for number in plain.union(rules.keys).sorted() {
            open(number, rules[number] == nil ? .answer(.allow) : .arguments(of: number))
            // Opened for every gap; the next number takes its place when there is none.
            result.append((number + 1, .answer(.errno(ENOSYS))))
        }
        open(Self.x32, .answer(.killProcess))
        // Past the x32 table, -1 among them: unknown numbers like any other.
        open(Self.x32 + 0x400, .answer(.errno(ENOSYS)))
        return result
    }

    /// A binary search; the far half is behind a long jump, since conditional jumps reach 255 instructions only.
    private mutating func search(_ range: ArraySlice<(first: UInt32, decision: Decision)>) {
        guard range.count > 1 else {
            if let only = range.first { decide(only.decision) }
            return
        }
        let middle = range.startIndex + range.count / 2
        program.append(BPFInstruction(BPFCode.jumpIfNotLess, range[middle].first, ifTrue: 0, ifFalse: 1))
        let jump = program.count
        program.append(BPFInstruction(BPFCode.jump, 0))
        search(range[..<middle])
        program[jump].value = UInt32(program.count - jump - 1)
        search(range[middle...])
    }

    private mutating func decide(_ decision: Decision) {
        switch decision {
        case .answer(let action): answer(action)
        case .arguments(let number):
            guard let rule = rules[number] else { return answer(.killProcess) }
            check(rule)
        }
    }

    private mutating func check(_ rule: ArgumentRule) {
        program.append(BPFInstruction(BPFCode.load, Self.firstArgumentOffset + 8 * rule.argument))
        switch rule.test {
        case .oneOf(let values):
            compare(values, matched: .allow, otherwise: .errno(rule.errno))
        case .noneOf(let values):
            compare(values, matched: .errno(rule.errno), otherwise: .allow)
        case .without(let bits):
            program.append(BPFInstruction(BPFCode.jumpIfAnyBit, bits, ifTrue: 1))
            answer(.allow)
            answer(.errno(rule.errno))
        }
    }

    private mutating func compare(_ values: [UInt32], matched: FilterAction, otherwise: FilterAction) {
        for (index, value) in values.enumerated() {
            // Over the remaining comparisons and the answer for no match.
            let distance = UInt8(clamping: values.count - index)
            program.append(BPFInstruction(BPFCode.jumpIfEqual, value, ifTrue: distance))
        }
        answer(otherwise)
        answer(matched)
    }

    private mutating func answer(_ action: FilterAction) {
        program.append(BPFInstruction(BPFCode.result, action.value))
    }
}
