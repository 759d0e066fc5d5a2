import Glibc
import SandboxSpec
import TestSupport
import Testing

@testable import Warden

@Suite("Wait statuses")
struct WaitStatusTests {
    @Test("are taken apart")
    func status() {
        #expect(ExitStatus(waitStatus: 0) == .exited(0))
        #expect(ExitStatus(waitStatus: 0x0100) == .exited(1))
        #expect(ExitStatus(waitStatus: 0xff00) == .exited(255))
        #expect(ExitStatus(waitStatus: 9) == .signaled(9))
        #expect(ExitStatus(waitStatus: 0x8b) == .signaled(11), "with a core")
        #expect(ExitStatus(waitStatus: 64) == .signaled(64))
    }

    @Test("outside 32 bits do not trap", arguments: [Int64.min, -1, .max, 1 << 40])
    func odd(value: Int64) {
        _ = ExitStatus(waitStatus: value)
    }
}

@Suite("Orders to pid 1")
struct ControlOrderTests {
    /// A field of the 56-byte header: type, length, failure, reserved, values.
    private func field(_ bytes: [UInt8], at offset: Int, size: Int) -> UInt64 {
        bytes[offset..<offset + size].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    @Test("carry a path and a mode", arguments: [(true, 0o755), (false, 0o644)])
    func upload(executable: Bool, mode: UInt64) throws {
        let order = ControlOrder.upload(try BoxPath("d/\u{e9}"), executable: executable)
        #expect(field(order, at: 0, size: 4) == 2 && field(order, at: 4, size: 4) == 4)
        #expect(field(order, at: 24, size: 8) == mode)
        #expect(order.dropFirst(56) == Array("d/\u{e9}".utf8)[...])
    }

    @Test("carry a signal")
    func signal() {
        let order = ControlOrder.signal(64)
        #expect(order.count == 56 && field(order, at: 0, size: 4) == 4 && field(order, at: 24, size: 8) == 64)
    }

    @Test("carry a job: counts, bounds, strings, then files")
    func start() throws {
        let request = ArtifactRequest(patterns: ["*.o"], maximumCount: 3, maximumBytes: 1 << 30, maximumDepth: 16)
        let order = ControlOrder.start(
            Job(
                arguments: ["ls", "", "-l"], environment: ["A=b"], artifacts: request,
                files: [InlineFile(path: try BoxPath("d/x"), content: [0, 255], executable: true)]), cpu: 1_500_000_000)
        #expect(field(order, at: 24, size: 8) == 2, "seconds of CPU time, rounded up")
        // The file: its mode (0o755), the length of its path with the NUL, that of its contents.
        let file: [UInt8] = [0xed, 1, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0] + Array("d/x\0".utf8) + [0, 255]
        let text = Array("ls\0\0-l\0A=b\0*.o\0".utf8) + file
        #expect(field(order, at: 0, size: 4) == 3 && Int(field(order, at: 4, size: 4)) == 40 + text.count)
        #expect(field(order, at: 56, size: 4) == 3 && field(order, at: 60, size: 4) == 1)
        #expect(field(order, at: 64, size: 4) == 1 && field(order, at: 68, size: 4) == 1)
        #expect(field(order, at: 72, size: 4) == 16)
        #expect(field(order, at: 80, size: 8) == 3 && field(order, at: 88, size: 8) == 1 << 30)
        #expect(order.dropFirst(96) == text[...])
    }

    @Test("fit pid 1's buffer even when they are as long as they may be")
    func longest() {
        let bytes = Job.maximumStringBytes / 2
        let job = Job(
            arguments: [String(repeating: "a", count: bytes - 1)],
            environment: ["A=" + String(repeating: "b", count: bytes - 3)],
            artifacts: ArtifactRequest(
                patterns: Array(
                    repeating: String(repeating: "p", count: ArtifactRequest.maximumPatternBytes),
                    count: ArtifactRequest.maximumPatterns)))
        // NESTBOX_MAXIMUM_TEXT, less the NUL it puts behind.
        #expect(ControlOrder.start(job, cpu: .max).count < 56 + 65_536)
    }

    @Test("and texts of pid 1 are shown as printable ASCII of a bounded length")
    func shown() {
        #expect(ControlMessage.shown(Array("main.c".utf8)[...]) == "main.c")
        #expect(ControlMessage.shown([0x61, 0x0a, 0x1b, 0xff][...]) == "a\\n\\u{1B}\\u{FFFD}")
        for byte: UInt8 in [0x01, 0x61, 0xff] {
            let text = ControlMessage.shown([UInt8](repeating: byte, count: 4096)[...])
            #expect(text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && (1...4096).contains(text.utf8.count))
        }
    }
}

@Suite("nestbox-warden")
struct WardenCommandTests {
    @Test(
        "tells a wrong command line from a failure",
        arguments: [
            [], ["--bogus"], ["--socket-fd"], ["--socket-fd", "2"], ["--socket-fd", "x"], ["--socket-fd", "-1"],
            ["--socket-fd", "99999999999"], ["--socket-fd", "3", "--image-root", "relative"],
            ["--socket-fd", "3", "--image-root", "/a/../b"], ["extra"],
        ])
    func usage(arguments: [String]) {
        #expect(WardenCommand.run(["nestbox-warden"] + arguments) == 64)
    }

    @Test("refuses a configuration that others may write", .enabled(if: geteuid() == 0))
    func configuration() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "warden.conf")
        #expect(chmod(directory.path + "/warden.conf", 0o666) == 0)
        #expect(WardenCommand.run(["nestbox-warden", "--sweep", "--config", directory.path + "/warden.conf"]) == 1)
        try directory.makeLink("link.conf", to: "warden.conf")
        #expect(WardenCommand.run(["nestbox-warden", "--sweep", "--config", directory.path + "/link.conf"]) == 1)
        #expect(WardenCommand.run(["nestbox-warden", "--sweep", "--config", directory.path + "/none.conf"]) == 1)
    }
}
