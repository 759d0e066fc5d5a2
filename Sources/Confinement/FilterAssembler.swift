internal import Glibc

/// Assembles the filter program: architecture, then a balanced search over the numbers, then arguments.
///
/// libseccomp could write the program too, but it drops the argument rules of a call that also has a plain rule, has no
/// masked inequality, and leaves the order of overlapping rules to itself. What decides is better said in one place.
///
/// A list of values is one run of comparisons, the common ones first: it may have 255 of them, what a jump reaches.
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
    /// Calls that a listener is asked about even when they are allowed; nil without a listener.
    private let observed: Set<UInt32>?

    /// - Parameters:
    ///   - plain: numbers let through whatever their arguments.
    ///   - rules: numbers let through for some arguments.
    ///   - observed: with a listener, the calls that it is asked about even when they are allowed.
    static func assemble(
        plain: Set<UInt32>, rules: [UInt32: ArgumentRule], observed: Set<UInt32>? = nil
    ) -> [BPFInstruction] {
        var assembler = FilterAssembler(rules: rules, observed: observed)
        assembler.emit(plain)
        return assembler.program
    }

    private init(rules: [UInt32: ArgumentRule], observed: Set<UInt32>?) {
        self.rules = rules
        self.observed = observed
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
            open(number, rules[number] == nil ? .answer(asked(.allow, about: number)) : .arguments(of: number))
            // Opened for every gap; the next number takes its place when there is none.
            result.append((number + 1, .answer(.errno(ENOSYS))))
        }
        open(Self.x32, .answer(.killProcess))
        // Past the x32 table, -1 among them: unknown numbers like any other.
        open(Self.x32 + 0x400, .answer(.errno(ENOSYS)))
        return result
    }

    /// A binary search; the far half is reached by a long jump, since conditional jumps reach 255 instructions only.
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
            check(rule, of: number)
        }
    }

    /// Refusals are the listener's, where there is one. What is answered without being carried out is no refusal.
    private func asked(_ action: FilterAction, about number: UInt32?) -> FilterAction {
        guard let observed else { return action }
        switch action {
        case .allow: return number.map(observed.contains) == true ? .notify : .allow
        case .errno(let value): return value == 0 ? action : .notify
        case .killProcess, .notify: return action
        }
    }

    /// The lines of a rule, one after the other: a condition that does not hold goes on with the next line.
    private mutating func check(_ rule: ArgumentRule, of number: UInt32) {
        for line in rule.lines {
            let misses = line.conditions.map { miss($0) }
            answer(asked(line.answer, about: number))
            for jump in misses { program[jump].value = UInt32(program.count - jump - 1) }
        }
        answer(asked(rule.otherwise, about: number))
    }

    /// Falls through when the condition holds; the index of the jump that is taken when it does not.
    private mutating func miss(_ condition: ArgumentRule.Condition) -> Int {
        let offset = Self.firstArgumentOffset + 8 * condition.argument + condition.half.rawValue
        program.append(BPFInstruction(BPFCode.load, offset))
        switch condition.test {
        case .oneOf(let values):
            compare(values)
        case .masked(let mask, let values):
            program.append(BPFInstruction(BPFCode.and, mask))
            compare(values)
        case .noneOf(let values):
            compare(values)
            // A value that is found is the miss here.
            program.append(BPFInstruction(BPFCode.jump, 1))
        case .without(let bits):
            program.append(BPFInstruction(BPFCode.jumpIfAnyBit, bits, ifFalse: 1))
        }
        program.append(BPFInstruction(BPFCode.jump, 0))
        return program.count - 1
    }

    /// Skips one instruction after the comparisons when a value is found.
    private mutating func compare(_ values: [UInt32]) {
        for (index, value) in values.enumerated() {
            program.append(BPFInstruction(BPFCode.jumpIfEqual, value, ifTrue: UInt8(clamping: values.count - index)))
        }
    }

    private mutating func answer(_ action: FilterAction) {
        program.append(BPFInstruction(BPFCode.result, asked(action, about: nil).value))
    }
}
