import Confinement
import SandboxSpec
import Testing

@testable import CallTrace

@Suite struct TraceLogTests {
    private func call(_ name: String, _ value: Int) -> TraceLog.Call {
        TraceLog.Call(
            name: name, arguments: [DecodedArgument(name: "request", value: "\(value)", claimed: false)], errno: 25)
    }

    @Test("each kind once, with a count, in the order in which they came")
    func counts() {
        var log = TraceLog()
        for value in [7, 8, 7, 7] { log.add(call("ioctl", value)) }
        #expect(log.calls.entries.map(\.count) == [3, 1])
        #expect(log.calls.entries.map { $0.value.arguments[0].value } == ["7", "8"])
    }

    @Test("a flood of one call leaves places for others, a flood of all is bounded")
    func bounds() {
        var log = TraceLog()
        for value in 0..<1000 { log.add(call("ioctl", value)) }
        log.add(call("ptrace", 1))
        #expect(log.calls.entries.count == TraceLog.maximumKindsOfCall + 1)
        #expect(log.calls.omitted == 1000 - TraceLog.maximumKindsOfCall)
        for value in 0..<1000 { log.add(call("syscall_\(value)", 0)) }
        #expect(log.calls.entries.count == TraceLog.maximumCalls)
        for value in 0..<10_000 {
            log.add(TraceLog.File(path: "/box/\(value)", wish: .read, errno: 2))
            log.add(TraceLog.Destination(kind: .name, place: "\(value).example.org"))
        }
        #expect(log.files.entries.count == TraceLog.maximumFiles && log.files.omitted == 10_000 - TraceLog.maximumFiles)
        #expect(log.destinations.entries.count == TraceLog.maximumDestinations)
    }

    @Test("the filter answers as the one that is installed does: by name, by argument, unknown numbers")
    func filter() throws {
        let instructions = try SeccompFilter.instructions(allowing: ["read", "socket", "fsync"], network: .none)
        let program = try #require(FilterProgram(bytes: instructions.flatMap(\.bytes)))
        #expect(program.answer(to: 0, []) == .allow)
        #expect(program.answer(to: 1, []) == .errno(38))
        #expect(program.answer(to: 41, [1, 1, 0]) == .allow)
        #expect(program.answer(to: 41, [2, 1, 0]) == .errno(97))
        #expect(program.answer(to: 74, []) == .errno(0))
        #expect(program.answer(to: 4000, []) == .errno(38))
        #expect(program.answer(to: 0x4000_0001, []) == .kill)
    }

    @Test("a damaged filter is refused, or still answers")
    func damaged() throws {
        let bytes = try SeccompFilter.instructions(allowing: ["read", "socket"], network: .loopback).flatMap(\.bytes)
        #expect(FilterProgram(bytes: []) == nil && FilterProgram(bytes: [1, 2, 3]) == nil)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3) {
                changed[Int.random(in: 0..<changed.count)] = UInt8.random(in: 0...255)
            }
            guard let program = FilterProgram(bytes: changed) else { continue }
            _ = program.answer(to: UInt32.random(in: 0...500), [1, 2, 3, 4, 5, 6])
        }
    }
}
