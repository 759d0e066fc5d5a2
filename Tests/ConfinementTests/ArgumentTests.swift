import Policies
import SandboxSpec
import Testing

@testable import Confinement

/// What is let through of calls that are judged by their arguments, over whole ranges, against the golden list.
@Suite("Arguments")
struct ArgumentTests {
    /// High halves that must make no difference where the kernel takes 32 bits.
    static let high: [UInt64] = [0, 0xffff_ffff_0000_0000]

    /// All the values of one call that a filter lets through.
    private func passing(
        _ name: String, at position: Int, _ values: some Sequence<UInt32>, under network: NetworkAccess,
        before: [UInt64] = []
    ) throws -> Set<UInt32> {
        let number = try #require(syscallNumber(name))
        let names = try Shipped.library().policy(named: "default").syscalls
        var interpreter = try Interpreter(try SeccompFilter.instructions(allowing: names, network: network))
        var found: Set<UInt32> = []
        for value in values {
            for high in Self.high {
                var arguments: [UInt64] = Array(repeating: 0, count: position) + [high | UInt64(value)]
                for (index, argument) in before.enumerated() { arguments[index] = argument }
                if try interpreter.answer(CallData(number, arguments)) == FilterAction.allow.value {
                    found.insert(value)
                }
            }
        }
        return found
    }

    @Test("of sockets are options by level and number", arguments: NetworkAccess.allCases)
    func options(network: NetworkAccess) throws {
        let table = try ArgumentTable.load()
        for call in ["setsockopt", "getsockopt"] {
            var found: Set<[UInt32]> = []
            for level: UInt32 in Array(0..<64) + [255, 263, 270, 284, 0xffff_ffff, 0x8000_0001] {
                let before: [UInt64] = [0, 0xffff_ffff_0000_0000 | UInt64(level)]
                for option in try passing(call, at: 2, 0...255, under: network, before: before) {
                    found.insert([level, option])
                }
            }
            #expect(found == table.values(call, under: network), "\(call)")
        }
    }

    @Test("that attach programs to sockets are in no filter, whatever is allowed", arguments: NetworkAccess.allCases)
    func programs(network: NetworkAccess) throws {
        let names = KnownSyscalls.names.filter { !NeverSyscalls.contains($0) }
        var interpreter = try Interpreter(
            try SeccompFilter.instructions(allowing: names.sorted(), network: network))
        #expect(NeverSyscalls.socketOptions.isSuperset(of: [26, 44, 50, 51, 52]))
        for number: UInt32 in [54, 55] {
            for option in NeverSyscalls.socketOptions {
                for high in Self.high {
                    let data = CallData(number, [0, high | 1, high | UInt64(option)])
                    #expect(try interpreter.answer(data) == Model.Answer.noSuchOption.rawValue, "\(option)")
                }
            }
        }
        // PR_SET_SECCOMP, and seccomp(2) itself.
        for high in Self.high {
            #expect(try interpreter.answer(CallData(157, first: high | 22)) == Model.Answer.notPermitted.rawValue)
        }
        #expect(NeverSyscalls.contains("seccomp") && NeverSyscalls.contains("bpf"))
        // Nor does a table name one, which the filter would have to leave out.
        for entry in SocketOptions.set + SocketOptions.read where entry.level == SocketOptions.socket {
            #expect(NeverSyscalls.socketOptions.isDisjoint(with: entry.options))
        }
    }

    @Test("of ioctl, fcntl, prctl and the rest are those of the list", arguments: NetworkAccess.allCases)
    func values(network: NetworkAccess) throws {
        let table = try ArgumentTable.load()
        // Requests as terminals, sockets and file systems have them, and around each with a size. ContainmentTests try all.
        let sized = table.rows.filter { $0.call == "ioctl" && $0.values[0] > 0xffff }.map { $0.values[0] }
        let known: [UInt32] = [
            0x4004_6602, 0x4008_6602, 0x401c_5820, 0x4004_9409, 0x4020_940d, 0xc018_9436, 0x4004_6629, 0x8011_1500,
            0x8100_9431, 0xc020_660b, 0xc0c0_583b, 0xc018_5879, 0xc004_5877, 0x8004_587d, 0x8008_6601, 0x801c_581f,
            0x8004_5430, 0x4004_5431, 0x5441, 0xffff_ffff,
        ]
        let near = sized.flatMap { [$0 - 1, $0, $0 + 1, $0 ^ 0x4000_0000, $0 ^ 0x0001_0000] }
        let ranges: [(call: String, position: Int, values: [UInt32])] = [
            ("ioctl", 1, Array(0...0xff) + Array(0x5000...0x5fff) + Array(0x8900...0x89ff) + known + near),
            ("fcntl", 1, Array(0...2047) + [0xffff_ffff]),
            ("prctl", 0, Array(0...1023) + [0x5356_4d41, 0x5961_6d61, 0x4155_5856, 0xffff_ffff]),
            ("madvise", 2, Array(0...255) + [0xffff_ffff]),
        ]
        for (call, position, values) in ranges {
            let found = try passing(call, at: position, values, under: network)
            #expect(Set(found.map { [$0] }) == table.values(call, under: network), "\(call)")
        }
        // Unknown advice is the kernel's to refuse.
        let advice = try passing("fadvise64", at: 3, 0...5, under: network)
        #expect(Set(advice.map { [$0] }) == table.values("fadvise64", under: network))
    }

    @Test("that are flags take away no more than one bit", arguments: NetworkAccess.allCases)
    func flags(network: NetworkAccess) throws {
        let refused: [(call: String, position: Int, bits: UInt32)] = [
            ("mmap", 3, 0x40000), ("memfd_create", 1, 4), ("shmget", 2, 0x800), ("pipe2", 1, 0x80),
            ("sendto", 3, 1), ("sendmsg", 2, 1), ("sendmmsg", 3, 1), ("recvfrom", 3, 1), ("recvmsg", 2, 1),
            ("recvmmsg", 3, 1), ("preadv2", 5, ~0x17), ("pwritev2", 5, ~0x17), ("msync", 2, 4),
        ]
        let bits = (0..<32).map { UInt32(1) << $0 }
        for (call, position, mask) in refused {
            let found = try passing(call, at: position, bits, under: network)
            #expect(found == Set(bits.filter { $0 & mask == 0 }), "\(call)")
            // Nor together with all the others.
            #expect(try passing(call, at: position, bits.map { ~mask | $0 & mask }, under: network) == [~mask])
        }
    }

    @Test("of sockets are families, types and protocols", arguments: NetworkAccess.allCases)
    func protocols(network: NetworkAccess) throws {
        for family: UInt64 in [2, 10] {
            for type: UInt64 in 0...15 {
                for flags: UInt64 in [0, 0x800, 0x80000] {
                    let found = try passing(
                        "socket", at: 2, 0...511, under: network, before: [family, type | flags])
                    let isOrdinary = network.hasSockets && [1, 2].contains(type)
                    let protocols: Set<UInt32> = type == 1 ? [0, 6] : [0, 17]
                    #expect(found == (isOrdinary ? protocols : []), "\(family) \(type)")
                }
            }
        }
    }

    @Test("that set RLIMIT_CORE never get through, and asking does")
    func coreLimit() throws {
        let names = try Shipped.library().policy(named: "default").syscalls
        var interpreter = try Interpreter(try SeccompFilter.instructions(allowing: names, network: .none))
        let pointer: UInt64 = 0x7fff_0000_0000, low: UInt64 = 0x1000
        for high in Self.high {
            let core = high | 4
            #expect(try interpreter.answer(CallData(160, [core, low])) == Model.Answer.done.rawValue)
            for new in [pointer, low, 1] {
                #expect(try interpreter.answer(CallData(302, [0, core, new, 0])) == Model.Answer.done.rawValue)
                for old in [pointer, low] {
                    let data = CallData(302, [0, core, new, old])
                    #expect(try interpreter.answer(data) == Model.Answer.notPermitted.rawValue)
                }
            }
            #expect(try interpreter.answer(CallData(302, [0, core, 0, pointer])) == FilterAction.allow.value)
            for resource in (UInt64(0)..<16).filter({ $0 != 4 }) {
                let data = CallData(302, [0, high | resource, pointer, pointer])
                #expect(try interpreter.answer(data) == FilterAction.allow.value)
                #expect(try interpreter.answer(CallData(160, [high | resource])) == FilterAction.allow.value)
            }
        }
    }

    @Test("are named as the kernel's headers name them")
    func names() throws {
        let headers = try ArgumentTable.headers()
        let rows = try ArgumentTable.load().rows
        #expect(rows.count > 150)
        var compared = 0
        for row in rows {
            #expect(!row.reason.isEmpty)
            guard let values = headers[row.name], let value = row.values.last else { continue }
            compared += 1
            #expect(values.contains(value), "\(row.call) \(row.name) is \(values), not \(value)")
        }
        // Requests with a size, and commands that are an expression, are not plain numbers there.
        #expect(compared > rows.count - 24, "\(compared) of \(rows.count)")
        #expect(Set(rows.map { "\($0.call) \($0.values)" }).count == rows.count, "a row twice")
    }

    @Test("make no filter longer than half of what the kernel takes", arguments: NetworkAccess.allCases)
    func length(network: NetworkAccess) throws {
        let names = try Shipped.library().policy(named: "default").syscalls
        #expect(try SeccompFilter.instructions(allowing: names, network: network).count < 2048)
    }
}
