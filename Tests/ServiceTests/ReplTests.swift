import Foundation
import NestboxClient
import Synchronization
import TestSupport
import Testing

@Suite(
    "Swift client of sessions and nestbox repl", .enabled(if: Service.canRun, "needs root, and nestboxd built"),
    .serialized)
struct ReplTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    private func run(
        _ executable: String, _ arguments: [String], input: String = ""
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
        try process.run()
        stdin.fileHandleForWriting.write(Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        let errors = stderr.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: output, as: UTF8.self), String(decoding: errors, as: UTF8.self)
        )
    }

    private func repl(_ input: String, _ arguments: [String] = []) throws -> (
        status: Int32, output: String, errors: String
    ) {
        let products = try #require(Service.products)
        return try run(products + "/nestbox", ["repl", "--server", service.url] + arguments, input: input)
    }

    @Test("a script is one cell, and its status says how it ended", .timeLimit(.minutes(2)))
    func scripts() throws {
        let answer = try repl("def f(n):\n    return n * 7\n\nprint('hi')\nf(6)\n")
        #expect(answer.status == 0 && answer.output == "hi\n42\n" && answer.errors == "", "\(answer)")
        let failed = try repl("print('a')\n1 / 0\n")
        #expect(
            failed.status == 1 && failed.output == "a\n" && failed.errors.contains("ZeroDivisionError"), "\(failed)")
        let asks = try repl("input('? ')")
        #expect(asks.status == 130 && asks.errors.contains("asks for input"), "\(asks)")
        let unknown = try repl("", ["pyton"])
        #expect(unknown.status == 125 && unknown.errors.contains("python"), "\(unknown)")
        let large = try repl(String(repeating: "#", count: 600_000))
        #expect(large.status == 125 && large.errors.contains("larger than 524288 bytes"), "\(large)")
    }

    @Test("on a terminal: lines, blocks, questions, history, interruption, completion", .timeLimit(.minutes(2)))
    func terminal() throws {
        let products = try #require(Service.products)
        let answer = try run(
            "/usr/bin/python3",
            [Service.repository + "/Tests/BrowserTests/terminal.py", products + "/nestbox", service.url])
        #expect(answer.status == 0, "\(answer)")
    }

    @Test("the Swift client: a session is made, used, attached to again, and ended", .timeLimit(.minutes(3)))
    func client() async throws {
        let client = try NestboxClient(service.url)
        let id = try await client.session(NestboxSessionChoice(language: "python")) { session in
            _ = try await session.execute("x = input('Who? ')\nx * 2")
            for await event in session.events {
                if case .inputRequest(let token, let prompt, _) = event {
                    #expect(prompt == "Who? ")
                    try await session.answer(token, "ab")
                }
                if case .result(_, let repr) = event { #expect(repr == "'abab'") }
                if case .finished(_, let status, _, _) = event {
                    #expect(status == "ok")
                    break
                }
            }
            let found = try await session.complete("prin", cursor: 4)
            #expect(found.matches.contains { $0.hasPrefix("print") } && found.start == 0 && found.end == 4)
            let state = try await session.completeness("if x:").status
            #expect(state == "incomplete")
            return session.id
        }
        var choice = NestboxSessionChoice(language: "")
        choice.sessionID = id
        let seen = try await client.session(choice) { session in
            try await session.close()
            var seen: [String] = []
            for await event in session.events {
                if case .result(_, let repr) = event { seen.append(repr) }
                if case .ended(let verdict, _, _) = event { seen.append(verdict) }
            }
            return seen
        }
        #expect(seen == ["'abab'", "closed"])
        await #expect(throws: NestboxError.self) {
            try await client.session(NestboxSessionChoice(language: "nolanguage")) { _ in }
        }
    }
}
