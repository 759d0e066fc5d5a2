import RunModel
import SessionModel
import StrictJSON
import Testing

@testable import JupyterAPI

@Suite("Requests to a kernel")
struct RequestTests {
    private func request(_ type: String, _ content: [String: Any] = [:]) throws -> KernelRequest {
        try KernelRequest(try #require(try message(type, content)))
    }

    @Test("execute_request: defaults, and all of it")
    func execute() throws {
        guard case .execute(let plain) = try request("execute_request", ["code": "1"]) else { throw Wrong() }
        #expect(
            plain.storeHistory && plain.allowsInput && plain.stopOnError && !plain.silent && plain.expressions.isEmpty)
        let content: [String: Any] = [
            "code": "1", "silent": true, "store_history": true, "allow_stdin": false, "stop_on_error": false,
            "user_expressions": ["b": "2", "a": "1"], "anything": ["else": 1],
        ]
        guard case .execute(let full) = try request("execute_request", content) else { throw Wrong() }
        #expect(full.silent && !full.storeHistory && !full.allowsInput && !full.stopOnError)
        #expect(full.expressions.map(\.name) == ["a", "b"])
        #expect(!full.cell.stopOnError && full.cell.silent && !full.cell.allowsInput)
    }

    private struct Wrong: Error {}

    @Test(
        "Wrong contents are refused, with the field",
        arguments: [
            ("execute_request", "code", [:]), ("execute_request", "code", ["code": 1]),
            ("execute_request", "silent", ["code": "", "silent": "yes"]),
            ("execute_request", "user_expressions", ["code": "", "user_expressions": [1]]),
            ("complete_request", "code", ["cursor_pos": 1]),
            ("complete_request", "cursor_pos", ["code": "a", "cursor_pos": -1]),
            ("inspect_request", "detail_level", ["code": "a", "cursor_pos": 0, "detail_level": 2]),
            ("is_complete_request", "code", [:]), ("history_request", "hist_access_type", [:]),
            ("history_request", "hist_access_type", ["hist_access_type": "all"]),
            ("input_reply", "value", [:]), ("shutdown_request", "restart", ["restart": 1]),
        ] as [(String, String, [String: any Sendable])])
    func refused(type: String, field: String, content: [String: any Sendable]) throws {
        let error = #expect(throws: APIError.self) { try request(type, content) }
        #expect(error?.code == .invalidRequest && error?.details[field] != nil, "\(String(describing: error))")
    }

    @Test("More expressions than are allowed")
    func manyExpressions() {
        let many = Dictionary(uniqueKeysWithValues: (0..<9).map { ("e\($0)", "1") })
        #expect(throws: APIError.self) { try request("execute_request", ["code": "", "user_expressions": many]) }
    }

    @Test("Cursors count code points, and stop at the end")
    func cursors() throws {
        #expect(
            try request("complete_request", ["code": "é🎉x", "cursor_pos": 99])
                == .query(.complete(code: "é🎉x", cursor: 3)))
        #expect(
            try request("inspect_request", ["code": "abc", "cursor_pos": 2, "detail_level": 1])
                == .query(.inspect(code: "abc", cursor: 2, detail: 1)))
    }

    @Test("Types that nobody knows are ignored", arguments: ["usage_request", "comm_msg", "comm_close", "x", "status"])
    func ignored(type: String) throws { #expect(try request(type) == .ignored) }

    @Test("Known and refused, or answered without the interpreter")
    func others() throws {
        #expect(try request("connect_request") == .connect)
        #expect(
            try request("debug_request", ["seq": 3, "command": "attach"]) == .debug(sequence: 3, command: "attach"))
        #expect(try request("comm_open", ["comm_id": "c"]) == .commOpen(id: "c"))
        #expect(try request("shutdown_request", ["restart": true]) == .shutdown(restarts: true))
        #expect(try request("kernel_info_request") == .kernelInfo)
    }

    @Test(
        "What asks for the pager",
        arguments: [
            ("zip?", "zip", 0), ("?zip", "zip", 0), ("a.b_1 ??", "a.b_1", 1), ("?? été\n", "été", 1),
        ])
    func pager(code: String, name: String, detail: Int) throws {
        let pager = try #require(PagerRequest(code))
        #expect(pager.name == name && pager.detail == detail)
    }

    @Test("What does not", arguments: ["zip", "?", "", "?a?", "f()?", "a???", "1a?", "a..b?", ".a?", "x = 'a?'"])
    func noPager(code: String) { #expect(PagerRequest(code) == nil) }
}
