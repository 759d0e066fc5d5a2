import RunModel
import SandboxSpec
import SessionModel
import StrictJSON
import Testing

@testable import JupyterAPI

@Suite("History of a kernel, and its messages")
struct HistoryTests {
    private func history() -> KernelHistory {
        var history = KernelHistory()
        for (session, line, input) in [(1, 1, "a = 1"), (1, 2, "a"), (2, 1, "b = 2"), (2, 2, "a = 1"), (2, 3, "b")] {
            history.add(.init(session: session, line: line, input: input, output: nil))
        }
        history.note(output: "2", session: 2, line: 3)
        return history
    }

    private func find(_ content: [(String, JSONValue)]) throws -> [String] {
        let reader = ObjectReader(JSONObject(content.map { (name: $0.0, value: $0.1) }))
        let request = HistoryRequest(reader)
        try reader.finish(refusesUnknown: false)
        return history().find(try #require(request), session: 2).map { "\($0.session).\($0.line)" }
    }

    private func number(_ value: Int) -> JSONValue {
        (try? JSONValue.parse(Array(String(value).utf8), limits: JSONLimits(bytes: 64))) ?? .null
    }

    @Test("tail, range and search")
    func selections() throws {
        #expect(try find([("hist_access_type", .string("tail")), ("n", number(2))]) == ["2.2", "2.3"])
        #expect(
            try find([("hist_access_type", .string("range")), ("start", number(1)), ("stop", number(3))]) == [
                "2.1", "2.2",
            ])
        #expect(try find([("hist_access_type", .string("range")), ("session", number(-1))]) == ["1.1", "1.2"])
        #expect(
            try find([("hist_access_type", .string("range")), ("session", number(1)), ("start", number(2))]) == ["1.2"])
        #expect(
            try find([("hist_access_type", .string("search")), ("pattern", .string("a*"))]) == ["1.1", "1.2", "2.2"])
        #expect(
            try find([
                ("hist_access_type", .string("search")), ("pattern", .string("a*1")), ("unique", .bool(true)),
                ("n", number(5)),
            ]) == ["2.2"])
    }

    @Test(
        "Patterns",
        arguments: [
            ("abc", "*", true), ("", "*", true), ("abc", "a?c", true), ("abc", "*b*", true), ("abc", "a*d", false),
            ("abc", "", false), ("aab", "a*ab", true), ("é🎉", "?🎉", true),
        ])
    func glob(text: String, pattern: String, matches: Bool) { #expect(Glob.matches(text, pattern) == matches) }

    @Test("The history has bounds")
    func bounds() {
        var history = KernelHistory()
        for line in 1...2_000 { history.add(.init(session: 1, line: line, input: "x", output: nil)) }
        #expect(history.entries.count == KernelHistory.maximumCount && history.entries.last?.line == 2_000)
        history.add(.init(session: 1, line: 3_000, input: String(repeating: "x", count: 2 << 20), output: nil))
        #expect(history.entries.map(\.line) == [3_000])
    }

    @Test("The log of messages: the oldest go, a reader that is behind is told, others' replies are skipped")
    func log() {
        func message(_ number: Int) -> KernelMessage {
            KernelMessage(
                channel: .iopub, type: "stream", id: "\(number)", header: [], parent: [],
                content: Array(repeating: 0, count: 1000))
        }
        var log = MessageLog(capacity: 10_000)
        for number in 0..<4 { log.append(.init(line: number == 1 ? 2 : nil, message: message(number))) }
        let all = log.read(from: 0, line: 1, maximumBytes: 100_000)
        #expect(all.messages.map(\.id) == ["0", "2", "3"] && all.next == 4 && !all.isBehind)
        #expect(log.read(from: 0, line: 2, maximumBytes: 100_000).messages.map(\.id) == ["0", "1", "2", "3"])
        #expect(log.read(from: 0, line: 2, maximumBytes: 1).messages.map(\.id) == ["0"])
        for number in 4..<20 { log.append(.init(line: nil, message: message(number))) }
        #expect(log.read(from: 0, line: 1, maximumBytes: 100_000).isBehind)
        #expect(log.read(from: log.next, line: 1, maximumBytes: 100_000).messages.isEmpty)
    }

    @Test("A kernel's id is its session's, as a UUID")
    func ids() throws {
        let session = SessionID()
        let id = KernelID(session)
        #expect(id.description.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
        #expect(id.session == session && KernelID(id.description) == id)
        for text in ["", "x", session.description, id.description.uppercased() + "A", id.description + "-", "-----"] {
            #expect(KernelID(text) == nil)
        }
    }

    @Test("Messages of terminals")
    func terminals() throws {
        func read(_ text: String) throws -> TerminalMessage { try TerminalMessage(Array(text.utf8), limit: 1000) }
        #expect(try read(#"["stdin","ls\r"]"#) == .input(Array("ls\r".utf8)))
        #expect(try read(#"["set_size",40,120,800,600]"#) == .resize(.init(rows: 40, columns: 120)))
        #expect(try read(#"["setup",{}]"#) == .ignored)
        for text in [
            "", "{}", "[]", "[1]", #"["stdin"]"#, #"["stdin",1]"#, #"["set_size",0,1]"#, #"["set_size",1.5,1]"#,
        ] {
            #expect(throws: MessageError.self) { try read(text) }
        }
        #expect(String(decoding: TerminalMessage.output("é\u{1b}"), as: UTF8.self) == #"["stdout","é\u001b"]"#)
    }
}
