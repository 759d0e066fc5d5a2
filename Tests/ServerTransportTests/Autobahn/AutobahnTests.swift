import Foundation
import ServerTransport
import Testing
import WebSockets

/// The cases of the Autobahn test suite against an echo server, by a client that shares no code with it.
///
/// `NESTBOX_TEST_AUTOBAHN=all` sends as many and as large messages as the suite does, which takes minutes.
/// `NESTBOX_TEST_ECHO=SECONDS` keeps the echo server up on port 9001 for so long, for the suite itself or anything else.
@Suite("Autobahn")
struct AutobahnTests {
    private static let environment = ProcessInfo.processInfo.environment

    private var server: LoopbackServer {
        var server = LoopbackServer(socket: LoopbackServer.echo)
        server.configuration.limits.maximumMessageBytes = 64 << 20
        server.configuration.limits.maximumFragments = 1 << 20
        server.configuration.limits.maximumInflatedBytes = .max
        return server
    }

    @Test("517 cases: none fails, all end with a clean close")
    func cases() async throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("cases.py").path
        let isWhole = Self.environment["NESTBOX_TEST_AUTOBAHN"] == "all"
        let output = try await server.serve { port in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = [script, "\(port)"] + (isWhole ? [] : ["--quick"])
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: bytes, as: UTF8.self)
        }
        struct Summary: Decodable, Equatable {
            var cases: Int
            var failed: [String]
            var unclean: [String]
        }
        let last = try #require(output.split(separator: "\n").last, "the script said nothing")
        let summary = try JSONDecoder().decode(Summary.self, from: Data(last.utf8))
        #expect(summary == Summary(cases: 517, failed: [], unclean: []), "\(output.suffix(4000))")
    }

    @Test("an echo server for others", .enabled(if: environment["NESTBOX_TEST_ECHO"] != nil))
    func echo() async throws {
        var server = server
        server.port = 9001
        let seconds = Double(Self.environment["NESTBOX_TEST_ECHO"] ?? "") ?? 60
        try await server.serve { _ in Thread.sleep(forTimeInterval: seconds) }
    }
}
