internal import Foundation
internal import SandboxSpec
internal import TestSupport
internal import Testing
internal import WardenProtocol

@Suite("decoding survives every input, and accepts one spelling of a message only")
struct MutationTests {
    /// Inputs a test: enough for every change, a lot more when the environment asks for it. `NESTBOX_FUZZ_SEED`
    /// changes what they are.
    static let rounds = number("NESTBOX_FUZZ_ROUNDS") ?? 40_000
    static let offset = UInt64(clamping: number("NESTBOX_FUZZ_SEED") ?? 0)

    private static func number(_ variable: String) -> Int? {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) }
    }

    /// Flips, replaces, drops, doubles and appends a few bytes.
    private func mutate(_ bytes: [UInt8], with generator: inout SeededGenerator) -> [UInt8] {
        var changed = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let choice = generator.next() % 6
            let at = changed.isEmpty ? 0 : Int.random(in: 0..<changed.count, using: &generator)
            switch choice {
            case 0 where !changed.isEmpty: changed[at] ^= 1 << UInt8(generator.next() % 8)
            case 1 where !changed.isEmpty: changed[at] = UInt8(truncatingIfNeeded: generator.next())
            case 2 where !changed.isEmpty: changed[at] = [0, 1, 0x7f, 0x80, 0xff][Int(generator.next() % 5)]
            case 3 where !changed.isEmpty: changed.remove(at: at)
            case 4 where !changed.isEmpty: changed.insert(changed[at], at: at)
            default: changed.append(UInt8(truncatingIfNeeded: generator.next()))
            }
        }
        return changed
    }

    @Test(arguments: [1, 2] as [UInt64])
    func requests(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ Self.offset)
        let seeds = try Samples.requests().map { try $0.encoded() }
        var accepted = 0
        for round in 0..<Self.rounds {
            let bytes = mutate(seeds[round % seeds.count], with: &generator)
            guard let request = try? Request(decoding: bytes) else { continue }
            accepted += 1
            if try request.encoded() != bytes { Issue.record("\(bytes) is a second spelling of \(request)") }
        }
        // Were nothing accepted, the mutations would test nothing but the tag.
        #expect(accepted > 1_000)
    }

    @Test(arguments: [3, 4] as [UInt64])
    func events(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed &+ Self.offset)
        let seeds = try Samples.events().map { try $0.encoded() }
        var accepted = 0
        for round in 0..<Self.rounds {
            let bytes = mutate(seeds[round % seeds.count], with: &generator)
            guard let event = try? Event(decoding: bytes) else { continue }
            accepted += 1
            if try event.encoded() != bytes { Issue.record("\(bytes) is a second spelling of \(event)") }
        }
        #expect(accepted > 1_000)
    }

    @Test func noise() {
        var generator = SeededGenerator(seed: 5 &+ Self.offset)
        for _ in 0..<Self.rounds {
            var bytes = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                UInt8(truncatingIfNeeded: generator.next())
            }
            // A known tag, so that more than the first byte is looked at.
            if !bytes.isEmpty { bytes[0] = [1, 65][Int(generator.next() % 2)] + UInt8(generator.next() % 9) }
            if let request = try? Request(decoding: bytes) { #expect((try? request.encoded()) == bytes) }
            if let event = try? Event(decoding: bytes) { #expect((try? event.encoded()) == bytes) }
        }
    }
}
