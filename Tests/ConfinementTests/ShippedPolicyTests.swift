import Policies
import SandboxSpec
import TestSupport
import Testing

@testable import Confinement

/// The filters of the shipped policies, evaluated call by call against `Model`.
@Suite("Filters of the shipped policies")
struct ShippedPolicyTests {
    /// One filter and what it must answer.
    struct Subject {
        var interpreter: Interpreter
        let model: Model
        var mistakes: [String] = []

        init(policy: String, network: NetworkAccess) throws {
            let syscalls = try Shipped.library().policy(named: policy).syscalls
            interpreter = try Interpreter(try SeccompFilter.instructions(allowing: syscalls, network: network))
            model = try Model(allowed: Set(syscalls), network: network)
        }

        /// Notes a call that is answered otherwise than the model says.
        mutating func check(_ data: CallData) throws {
            let found = try interpreter.answer(data)
            let wanted = model.answer(data)
            if found != wanted.rawValue && mistakes.count < 5 {
                mistakes.append(
                    "\(model.names[data.number] ?? "?") \(data): found \(String(found, radix: 16)), wanted \(wanted)")
            }
        }
    }

    static let subjects: [(String, NetworkAccess)] = Shipped.policies.flatMap { policy in
        NetworkAccess.allCases.map { (policy, $0) }
    }

    /// High halves that must make no difference where the kernel takes 32 bits.
    static let high: [UInt64] = [0, 1 << 32, 0xffff_ffff_0000_0000]

    @Test("answer every number of every table", arguments: subjects)
    func numbers(policy: String, network: NetworkAccess) throws {
        var subject = try Subject(policy: policy, network: network)
        for number in UInt32(0)...1023 {
            for argument: UInt64 in [0, 1, .max, 0xffff_ffff_0000_0000] {
                try subject.check(CallData(number, Array(repeating: argument, count: 6)))
                try subject.check(CallData(number | 0x4000_0000, first: argument, second: argument))
            }
        }
        for number: UInt32 in [
            1024, 0xffff, 0x3fff_ffff, 0x4000_0400, 0x7fff_ffff, 0x8000_0000, 0xbfff_ffff, 0xc000_0000, 0xffff_fffe,
            0xffff_ffff,
        ] { try subject.check(CallData(number)) }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
        // A search, not a list: no call waits for hundreds of comparisons.
        #expect(subject.interpreter.longestRun < 96)
    }

    @Test("end the process for a foreign ABI", arguments: NetworkAccess.allCases)
    func architectures(network: NetworkAccess) throws {
        var subject = try Subject(policy: "default", network: network)
        // i386, x86-64 without its 64-bit mark, ARM, AArch64, nothing, and one bit off.
        for architecture: UInt32 in [0x4000_0003, 0x3e, 0x4000_0028, 0xc000_00b7, 0, 0xc000_003f, 0xffff_ffff] {
            for number in UInt32(0)...500 {
                let data = CallData(number, architecture: architecture)
                #expect(subject.model.answer(data) == .kill)
                try subject.check(data)
            }
        }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
    }

    @Test("open no socket family but their own", arguments: NetworkAccess.allCases)
    func families(network: NetworkAccess) throws {
        var subject = try Subject(policy: "default", network: network)
        var open: Set<UInt64> = []
        for call: UInt32 in [41, 53] {
            for family in Array(UInt64(0)...63) + [0x7fff_ffff, 0x8000_0001, 0xffff_ffff] {
                for high in Self.high {
                    let data = CallData(call, first: high | family, second: 1)  // SOCK_STREAM
                    try subject.check(data)
                    if try subject.interpreter.answer(data) == Model.Answer.allow.rawValue { open.insert(family) }
                }
            }
        }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
        #expect(open == (network.hasSockets ? [1, 2, 10] : [1]))
    }

    @Test("make no namespace by clone")
    func clone() throws {
        var subject = try Subject(policy: "default", network: .none)
        var refused: [UInt64] = []
        for bit in UInt64(0)..<64 {
            let data = CallData(56, first: 1 << bit)
            try subject.check(data)
            if try subject.interpreter.answer(data) != Model.Answer.allow.rawValue { refused.append(bit) }
        }
        #expect(refused == [10, 17, 25, 26, 27, 28, 29, 30])
        // fork, vfork and pthread_create as glibc makes them, with every set of namespace flags on top.
        let flags = Array(Model.namespaces.values)
        for base: UInt64 in [0x0120_0011, 0x4111, 0x003d_0f00] {
            for set in 0..<(1 << flags.count) {
                let chosen = flags.indices.filter { set & (1 << $0) != 0 }.reduce(0) { $0 | UInt64(flags[$1]) }
                for high in Self.high { try subject.check(CallData(56, first: high | base | chosen)) }
            }
            #expect(try subject.interpreter.answer(CallData(56, first: base)) == Model.Answer.allow.rawValue)
        }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
    }

    @Test("let processes change little of themselves")
    func prctl() throws {
        var subject = try Subject(policy: "default", network: .none)
        for high in Self.high {
            for option in Array(UInt64(0)...100) + [0x5356_4d41, 0x5961_6d61, 0xffff_ffff, 0x8000_0001] {
                try subject.check(CallData(157, first: high | option))
            }
            // ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC, PER_LINUX32 and asking.
            for persona: UInt64 in [0, 8, 0x0004_0000, 0x0040_0000, 0xffff_fffe, 0xffff_ffff] {
                try subject.check(CallData(135, first: high | persona))
            }
        }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
    }

    @Test("answer calls made up at random", arguments: NetworkAccess.allCases)
    func random(network: NetworkAccess) throws {
        var subject = try Subject(policy: "default", network: network)
        var numbers = SeededGenerator(seed: 42)
        let interesting: [UInt64] = [
            16, 41, 53, 56, 135, 157, 59, 101, 272, 308, 435, 9, 28, 29, 44, 47, 54, 55, 72, 74, 160, 221, 293, 302,
            319, 327,
        ]
        for _ in 0..<40_000 {
            let number =
                numbers.next() & 3 == 0 ? numbers.next() : interesting[Int(numbers.next() % UInt64(interesting.count))]
            let words = (0..<6).map { _ in numbers.next() >> (numbers.next() & 63) }
            let architecture = numbers.next() & 15 == 0 ? UInt32(truncatingIfNeeded: words[0]) : CallData.x86_64
            try subject.check(
                CallData(UInt32(truncatingIfNeeded: number), architecture: architecture, words))
        }
        #expect(subject.mistakes.isEmpty, "\(subject.mistakes)")
    }

    @Test("never let through what no policy may allow", arguments: subjects)
    func never(policy: String, network: NetworkAccess) throws {
        var subject = try Subject(policy: policy, network: network)
        for (number, name) in subject.model.names where NeverSyscalls.contains(name) || name == "clone3" {
            #expect(try subject.interpreter.answer(CallData(number)) == Model.Answer.noSuchCall.rawValue, "\(name)")
        }
        // A program cannot be started at all without these.
        for number: UInt32 in [0, 1, 59, 231] {
            #expect(try subject.interpreter.answer(CallData(number)) == Model.Answer.allow.rawValue, "\(number)")
        }
    }
}
