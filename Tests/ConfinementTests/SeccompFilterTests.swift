import Foundation
import LinuxSystem
import Policies
import SandboxSpec
import Testing

@testable import Confinement

@Suite("Seccomp filters")
struct SeccompFilterTests {
    private func failure(_ names: [String]) -> FilterError? {
        do throws(FilterError) {
            _ = try SeccompFilter.instructions(allowing: names, network: .none)
            return nil
        } catch {
            return error
        }
    }

    @Test("know Linux's numbers")
    func numbers() throws {
        for (number, name) in try Model.header() where KnownSyscalls.names.contains(name) {
            #expect(syscallNumber(name) == number, "\(name)")
        }
        #expect(syscallNumber("read") == 0 && syscallNumber("execve") == 59 && syscallNumber("clone3") == 435)
        // Names of other architectures have negative stand-ins in libseccomp.
        for name in ["", "raed", "READ", "read ", "waitpid", "socketcall", "mmap2", "arm_fadvise64_64"] {
            #expect(syscallNumber(name) == nil, "\(name)")
        }
    }

    @Test("refuse names that nobody knows")
    func unknown() {
        #expect(failure(["read", "raed"]) == .unknownSyscall("raed"))
        #expect(failure([""]) == .unknownSyscall(""))
        #expect(failure(["_llseek"]) == .unknownSyscall("_llseek"))
    }

    @Test("refuse every call of the never-list, and clone3", arguments: NeverSyscalls.names.sorted() + ["clone3"])
    func forbidden(name: String) {
        #expect(failure(["read", name, "write"]) == .forbiddenSyscall(name))
    }

    @Test("let nothing through for an empty list")
    func empty() throws {
        var interpreter = try Interpreter(try SeccompFilter.instructions(allowing: [], network: .loopback))
        for number in UInt32(0)...1023 {
            #expect(try interpreter.answer(CallData(number)) == Model.Answer.noSuchCall.rawValue)
            #expect(try interpreter.answer(CallData(number | 0x4000_0000)) == Model.Answer.kill.rawValue)
        }
        #expect(try interpreter.answer(CallData(0, architecture: 0x4000_0003)) == Model.Answer.kill.rawValue)
    }

    @Test("ask an observer in the place of every refusal, and of no other call but those about files and destinations")
    func observed() throws {
        let names = try Shipped.library().policy(named: "default").syscalls
        let notify: UInt32 = 0x7fc0_0000
        let watched = Set(ObservedCalls.names.compactMap { syscallNumber($0) })
        for network in [NetworkAccess.none, .loopback] {
            var plain = try Interpreter(try SeccompFilter.instructions(allowing: names, network: network))
            var observed = try Interpreter(
                try SeccompFilter.instructions(allowing: names, network: network, isObserved: true))
            for number in Array(UInt32(0)...480) + [1024, 0x4000_0001, 0xffff_ffff] {
                for first in [UInt64(0), 1, 2, 16, 0x1000_0000] {
                    let call = CallData(number, [first, 1, 6, 0x4_0000, 0, 1])
                    let answer = try plain.answer(call)
                    let isAsked =
                        answer & 0xffff_0000 == 0x0005_0000 && answer != Model.Answer.done.rawValue
                        || answer == Model.Answer.allow.rawValue && watched.contains(number)
                    #expect(try observed.answer(call) == (isAsked ? notify : answer), "\(number) \(first)")
                }
            }
            let foreign = try observed.answer(CallData(0, architecture: 0x4000_0003))
            #expect(foreign == Model.Answer.kill.rawValue)
        }
    }

    @Test("do not depend on the order or on repetition")
    func order() throws {
        let names = try Shipped.library().policy(named: "default").syscalls
        let once = try SeccompFilter.instructions(allowing: names, network: .none)
        #expect(try SeccompFilter.instructions(allowing: names.reversed(), network: .none) == once)
        #expect(try SeccompFilter.instructions(allowing: names + names, network: .none) == once)
        #expect(try SeccompFilter.instructions(allowing: names, network: .loopback) != once)
    }

    @Test("fit the kernel with every call there is", arguments: NetworkAccess.allCases)
    func everything(network: NetworkAccess) throws {
        let names = KnownSyscalls.names.filter { !NeverSyscalls.contains($0) && $0 != "clone3" }
        let program = try SeccompFilter.instructions(allowing: names.sorted(), network: network)
        #expect(program.count <= SeccompFilter.maximumLength)
        var interpreter = try Interpreter(program)
        let model = try Model(allowed: names, network: network)
        for number in UInt32(0)...1023 {
            for argument: UInt64 in [0, 1, 2, .max] {
                let data = CallData(number, Array(repeating: argument, count: 6))
                #expect(try interpreter.answer(data) == model.answer(data).rawValue, "\(number) \(argument)")
            }
        }
    }

    @Test(
        "let single calls through, wherever they stand", arguments: ["read", "write", "futex_waitv", "clone", "ioctl"])
    func single(name: String) throws {
        var interpreter = try Interpreter(try SeccompFilter.instructions(allowing: [name], network: .none))
        let model = try Model(allowed: [name], network: .none)
        for number in UInt32(0)...1023 {
            let data = CallData(number, first: 0x11, second: 0x5401)
            #expect(try interpreter.answer(data) == model.answer(data).rawValue, "\(number)")
        }
    }

    @Test("become sealed files of instructions")
    func sealed() throws {
        let names = try Shipped.library().policy(named: "default").syscalls
        let instructions = try SeccompFilter.instructions(allowing: names, network: .none)
        let filter = try SeccompFilter.compile(allowing: names, network: .none)
        let number = filter.program.number
        #expect(Int(filter.length) == instructions.count)
        #expect(MemoryFile.isSealed(number))
        #expect(write(number, [0], 1) == -1 && errno == EPERM)
        #expect(lseek(number, 0, SEEK_SET) == 0)
        let bytes = try Files.read(number, limit: 65_536)
        #expect(bytes == instructions.flatMap(\.bytes))
        #expect(bytes.count == 8 * instructions.count)
        let shared = SeccompFilter.Shared(filter)
        #expect(shared.number == number && Int(shared.length) == instructions.count)
    }

    @Test("say what is wrong")
    func words() {
        #expect(FilterError.unknownSyscall("raed").description.contains("raed"))
        #expect(FilterError.forbiddenSyscall("bpf").description == "system call bpf is never allowed")
        let long = FilterError.tooLong(instructions: 5000, allowed: 4096).description
        #expect(long.contains("5000") && long.contains("4096"))
    }

    @Test("are laid out as struct sock_filter")
    func layout() {
        let instruction = BPFInstruction(0x1234, 0x89ab_cdef, ifTrue: 0x56, ifFalse: 0x78)
        #expect(instruction.bytes == [0x34, 0x12, 0x56, 0x78, 0xef, 0xcd, 0xab, 0x89])
        #expect(FilterAction.errno(38).value == 0x0005_0026)
        #expect(FilterAction.allow.value == 0x7fff_0000 && FilterAction.killProcess.value == 0x8000_0000)
    }
}

@Suite("The interpreter the filters are tested with")
struct InterpreterTests {
    @Test("refuses what the kernel refuses")
    func refuses() {
        let result = BPFInstruction(0x06, 1)
        let bad: [[BPFInstruction]] = [
            [], [BPFInstruction(0x20, 0)], [BPFInstruction(0x20, 64), result], [BPFInstruction(0x20, 2), result],
            [BPFInstruction(0x05, 1), result], [BPFInstruction(0x15, 0, ifTrue: 1), result],
            [BPFInstruction(0x05, .max), result], [BPFInstruction(0x00, 0), result],
            Array(repeating: result, count: 4097),
        ]
        for program in bad { #expect(throws: Interpreter.Fault.self) { try Interpreter(program) } }
    }

    @Test("takes the branches it should")
    func branches() throws {
        var interpreter = try Interpreter([
            BPFInstruction(0x20, 24), BPFInstruction(0x35, 10, ifTrue: 0, ifFalse: 2),
            BPFInstruction(0x45, 0x100, ifFalse: 2), BPFInstruction(0x06, 3), BPFInstruction(0x06, 1),
            BPFInstruction(0x06, 2),
        ])
        #expect(try interpreter.answer(CallData(0, second: 9)) == 1)
        #expect(try interpreter.answer(CallData(0, second: 10)) == 2)
        #expect(try interpreter.answer(CallData(0, second: 0x1ff)) == 3)
        #expect(try interpreter.answer(CallData(0, second: 0x1_0000_0009)) == 1)
        #expect(interpreter.longestRun == 4)
    }
}
