internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Standard streams: bytes, never control; bounded, never blocking.
    @Suite("Output")
    struct Output {
        @Test("A10: whatever a program prints, the verdict is ours and the bytes are its own")
        func spoofing() async throws {
            let bare = try await Control.run(["spoof"])
            let found = try await ProbeRun.run(["spoof"])
            // The probe prints the same on both streams.
            Attempts.record(
                "A10", "control text on stdout", capable: bare.output.count > 500,
                contained: found.verdict == .ok && found.status == .exited(0)
                    && found.output == bare.output, found.summary)
            Attempts.record(
                "A10", "control text on stderr", capable: bare.output.count > 500,
                contained: found.errors == bare.output, "\(found.errors.count) bytes")
            #expect(!found.text.contains("took it"), "a descriptor beyond 2 accepted control text: \(found.summary)")
        }

        @Test(
            "F06: a flood of output ends the run, soon and without growing the client", arguments: ["output", "errors"])
        func flood(stream: String) async throws {
            let limit: Int64 = 1 << 20
            let bare = try await Control.run(["end", "single", stream, "4"])
            let before = Self.residentBytes()
            let found = try await ProbeRun.run(["end", "single", stream], .limits([.output: limit]))
            let grown = Self.residentBytes() - before
            Attempts.record(
                "F06", stream, capable: bare.exitCode == 0 && (stream == "errors" || bare.output.count == 4 << 20),
                contained: found.verdict == .outputLimit && found.limit?.name == .output
                    && found.elapsed < Specs.second && grown < 32 << 20,
                "\(found.summary), took \(found.elapsed / Specs.millisecond) ms, grew by \(grown)")
            #expect(Int64(found.output.count + found.errors.count) >= limit, "output below the limit was lost")
        }

        @Test("F10: a program that never reads its 100 MB of input holds nobody up")
        func deafProgram() async throws {
            let warden = try await TestWarden.shared
            // The control: the same program fills its pipe and takes no more.
            let deaf = try Control.start(["deaf", "300"])
            _ = fcntl(deaf.standardInput, F_SETFL, O_NONBLOCK)
            var taken = 0
            let chunk = [UInt8](repeating: 0x61, count: 65_536)
            while taken < 1 << 22, case let count = write(deaf.standardInput, chunk, chunk.count), count > 0 {
                taken += count
            }
            _ = await deaf.finish()
            var options = ProbeOptions()
            options.input = [UInt8](repeating: 0x61, count: 100 << 20)
            let sandbox = try await LiveSandbox(["deaf", "400"], options, on: warden)
            try sandbox.start()
            let start = Host.now
            let other = try await ProbeRun.run(["true"])
            let meanwhile = Host.now - start
            let found = try await sandbox.finish()
            Attempts.record(
                "F10", "deaf program", capable: taken > 0 && taken < 1 << 22,
                contained: found.verdict == .ok && found.elapsed < Specs.second && other.verdict == .ok
                    && meanwhile < 400 * Specs.millisecond,
                "\(found.summary); another run took \(meanwhile / Specs.millisecond) ms")
            // And a program that does read gets all of it.
            options.input = [UInt8](repeating: 0x62, count: 700_000)
            let echo = try await ProbeRun.run(["echo"], options)
            #expect(echo.output == options.input, "input was lost: \(echo.output.count) bytes")
        }

        private static func residentBytes() -> Int64 {
            let pages = (Host.text("/proc/self/statm") ?? "").split(separator: " ").dropFirst().first
            return (pages.flatMap { Int64($0) } ?? 0) * 4096
        }
    }
}
