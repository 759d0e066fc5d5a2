import Foundation
import Glibc
import Testing

@testable import Images

@Suite struct ProgramTests {
    private func run(_ script: String, cancellation: BuildCancellation = BuildCancellation()) throws -> [String] {
        var lines: [String] = []
        try BuildProgram(executable: "/bin/sh", arguments: ["-c", script])
            .run(name: "sh", cancellation: cancellation) { lines.append($0) }
        return lines
    }

    @Test func handsOutLines() throws {
        #expect(try run("echo one; echo two >&2; printf three") == ["one", "two", "three"])
    }

    @Test func failureShowsTheLastLines() throws {
        let error = try #require(throws: ImageError.self) { try run("seq 1 100; echo because >&2; exit 3") }
        #expect(error.code == .buildFailed)
        #expect(error.message.contains("sh failed with exit status 3"))
        #expect(error.message.hasSuffix("\n  100\n  because"))
        #expect(!error.message.contains("\n  50\n"))
        let killed = try #require(throws: ImageError.self) { try run("kill -9 $$") }
        #expect(killed.message == "sh was killed by signal 9")
    }

    @Test func outlivingDescendantsDoNotHold() throws {
        let clock = ContinuousClock()
        var lines: [String] = []
        let time = try clock.measure { lines = try run("sleep 20 & echo $!") }
        #expect(time < .seconds(10))
        if let pid = pid_t(lines[0]) { kill(pid, SIGKILL) }
    }

    @Test func environmentIsClean() throws {
        setenv("NESTBOX_TEST_SECRET", "x", 1)
        defer { unsetenv("NESTBOX_TEST_SECRET") }
        let names = try run("env").map { $0.prefix { $0 != "=" } }
        #expect(names.contains("PATH") && !names.contains("NESTBOX_TEST_SECRET"))
        let kept = ProgramSearch.environment(from: ["http_proxy": "p", "LD_PRELOAD": "q"])
        #expect(kept.contains("http_proxy=p") && !kept.contains { $0.hasPrefix("LD_PRELOAD") })
    }

    @Test func missingProgramNamesItsPackage() throws {
        let error = try #require(throws: ImageError.self) {
            try ProgramSearch.path(of: "no-such-program", package: "some-package")
        }
        #expect(error.code == .programMissing)
        #expect(error.message.contains("apt-get install some-package"))
    }

    @Test(.enabled(if: geteuid() == 0)) func cancellationKillsTheWholeTree() throws {
        let cancellation = BuildCancellation()
        let marker = "nestbox-\(UUID().uuidString)"
        let script = "exec -a \(marker) bash -c 'sleep 300 & echo ready; wait'"
        let program = try BuildProgram(executable: "/bin/bash", arguments: ["-c", script]).leashed()
        let error = try #require(throws: ImageError.self) {
            try program.run(name: "bash", cancellation: cancellation) { line in
                if line == "ready" {
                    #expect(running(marker))
                    cancellation.cancel()
                }
            }
        }
        #expect(error.code == .cancelled)
        // The namespace dies with its init; the kernel takes a moment over it.
        let deadline = ContinuousClock.now.advanced(by: .seconds(5))
        while running(marker), ContinuousClock.now < deadline { usleep(10_000) }
        #expect(!running(marker))
    }

    private func running(_ marker: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { $0.allSatisfy(\.isNumber) }.contains { pid in
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return String(decoding: line, as: UTF8.self).hasPrefix(marker)
        }
    }

    @Test func linesAreSafeToShow() {
        var splitter = LineSplitter()
        #expect(splitter.add(Array("a\u{1b}[31mb\nc".utf8)[...]) == ["a[31mb"])
        #expect(splitter.add([0xff, 0x0a]) == ["c\u{fffd}"])
        let long = [UInt8](repeating: 0x61, count: 100_000) + [0x0a]
        #expect(splitter.add(long[...]).first?.utf8.count == BuildProgram.maximumLineBytes)
    }
}
