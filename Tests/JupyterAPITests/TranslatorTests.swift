import Foundation
import RunModel
import SessionModel
import StrictJSON
import Testing

@testable import JupyterAPI

@Suite("Events become messages")
struct TranslatorTests {
    typealias Draft = KernelTranslator.Draft

    private let request = KernelTranslator.Request(line: 7, parent: Array(#"{"msg_id":"m1"}"#.utf8))

    /// A translator that knows cell `e1`, and its messages for these events.
    private func drafts(
        of execute: ExecuteRequest = ExecuteRequest(code: "1"), evaluations: [String] = [],
        _ kinds: [SessionEvent.Kind]
    ) -> [Draft] {
        var translator = KernelTranslator()
        translator.add(KernelTranslator.Cell(request, execute), id: "e1", evaluations: evaluations)
        return take(&translator, kinds)
    }

    private func take(
        _ translator: inout KernelTranslator, epochs: [Int] = [], _ kinds: [SessionEvent.Kind]
    ) -> [Draft] {
        kinds.enumerated().flatMap { index, kind in
            let epoch = index < epochs.count ? epochs[index] : epochs.last ?? 1
            return translator.take(SessionEvent(sequence: Int64(index + 1), epoch: epoch, time: 0, kind: kind))
        }
    }

    private func started(_ id: String = "e1", _ code: String = "1") -> SessionEvent.Kind {
        .executionStarted(id, code: code)
    }

    private func finished(
        _ status: CellStatus, _ id: String = "e1", limit: SessionLimitReport? = nil
    ) -> SessionEvent.Kind { .executionFinished(id, status, seconds: 0, CellUsage(), limit) }

    private func types(_ drafts: [Draft]) -> [String] {
        drafts.map { draft in
            guard draft.type == "status", let content = try? json(draft.content) else { return draft.type }
            return content["execution_state"] as? String ?? ""
        }
    }

    @Test("A cell: every message has its parent, the reply goes to who asked")
    func cell() throws {
        let found = drafts([
            .created(.init(language: "python", policy: "p")), .state(.busy), started(),
            .output("e1", .stdout, OutputText(Array("hi\n".utf8)), isBackground: false),
            .display("e1", CellDisplay(data: [MimeItem(type: "text/html", content: .string("<b>"))], displayID: "d")),
            .display("e1", CellDisplay(data: [], displayID: "d", isUpdate: true)), .clear("e1", wait: true),
            .result("e1", CellValue(repr: "2", data: [MimeItem(type: "text/html", content: .string("2"))]), seconds: 0),
            finished(.ok), .state(.idle),
        ])
        #expect(
            types(found) == [
                "starting", "busy", "execute_input", "stream", "display_data", "update_display_data", "clear_output",
                "execute_result", "execute_reply", "idle",
            ])
        #expect(found.dropFirst().allSatisfy { $0.parent == request.parent })
        #expect(found.filter { $0.line != nil }.map(\.type) == ["execute_reply"] && found[8].line == 7)
        let result = try json(found[7].content)
        #expect(result["execution_count"] as? Int == 1)
        #expect(result["data"] as? [String: String] == ["text/plain": "2", "text/html": "2"])
        let display = try json(found[4].content)
        #expect(display["transient"] as? [String: String] == ["display_id": "d"])
        let reply = try json(found[8].content)
        #expect(reply["status"] as? String == "ok" && reply["execution_count"] as? Int == 1)
    }

    @Test("A silent cell has neither input nor result nor number")
    func silent() throws {
        var execute = ExecuteRequest(code: "1")
        (execute.silent, execute.storeHistory) = (true, false)
        let found = drafts(of: execute, [started(), .result("e1", CellValue(repr: "2"), seconds: 0), finished(.ok)])
        #expect(types(found) == ["busy", "execute_reply", "idle"])
        #expect(try json(found[1].content)["execution_count"] as? Int == 0)
    }

    @Test("An error stands on iopub and in the reply")
    func error() throws {
        let error = CellError(exception: "ValueError", message: "no", traceback: ["a", "b"])
        let found = drafts([started(), .error("e1", error), finished(.error)])
        #expect(types(found) == ["busy", "execute_input", "error", "execute_reply", "idle"])
        for index in [2, 3] {
            let content = try json(found[index].content)
            #expect(content["ename"] as? String == "ValueError" && content["evalue"] as? String == "no")
            #expect(content["traceback"] as? [String] == ["a", "b"])
        }
        #expect(try json(found[3].content)["status"] as? String == "error")
    }

    @Test("A cell that did not begin is aborted, between busy and idle")
    func aborted() throws {
        let found = drafts([finished(.aborted)])
        #expect(types(found) == ["busy", "execute_reply", "idle"])
        #expect(try json(found[1].content)["status"] as? String == "aborted")
    }

    @Test("A limit is told on stderr, with numbers; an interrupt is an error without one of the program's own")
    func limit() throws {
        let report = SessionLimitReport("wall", nanoseconds: 2_000_000_000, of: 1_000_000_000)
        let found = drafts([started(), finished(.limit, limit: report)])
        #expect(types(found) == ["busy", "execute_input", "stream", "error", "execute_reply", "idle"])
        let stream = try json(found[2].content)
        #expect(stream["name"] as? String == "stderr")
        #expect((stream["text"] as? String)?.contains("wall: 2000 ms, allowed are 1000 ms") == true)
        #expect(try json(found[4].content)["ename"] as? String == "LimitExceeded")
        let interrupted = drafts([started(), finished(.interrupted)])
        #expect(try json(interrupted[3].content)["ename"] as? String == "KeyboardInterrupt")
    }

    @Test("The reply waits for the expressions behind a cell")
    func expressions() throws {
        var execute = ExecuteRequest(code: "x = 1")
        execute.expressions = [.init(name: "a", code: "x"), .init(name: "b", code: "y")]
        let error = CellError(exception: "NameError", message: "y", traceback: [])
        let found = drafts(
            of: execute, evaluations: ["e2", "e3"],
            [
                started(), finished(.ok), started("e2", "x"), .result("e2", CellValue(repr: "1"), seconds: 0),
                finished(.ok, "e2"), started("e3", "y"), .error("e3", error), finished(.error, "e3"),
            ])
        #expect(types(found) == ["busy", "execute_input", "execute_reply", "idle"])
        let values = try #require(try json(found[2].content)["user_expressions"] as? [String: [String: Any]])
        #expect(values["a"]?["status"] as? String == "ok" && values["b"]?["ename"] as? String == "NameError")
        #expect((values["a"]?["data"] as? [String: String])?["text/plain"] == "1")
    }

    @Test("After an error no expression is waited for")
    func expressionsAfterError() {
        var execute = ExecuteRequest(code: "x")
        execute.expressions = [.init(name: "a", code: "x")]
        let found = drafts(of: execute, evaluations: ["e2"], [started(), finished(.error), finished(.aborted, "e2")])
        #expect(types(found) == ["busy", "execute_input", "execute_reply", "idle"])
    }

    @Test("Input is asked for only from who runs the cell, and is over with it")
    func input() throws {
        var translator = KernelTranslator()
        translator.add(KernelTranslator.Cell(request, ExecuteRequest(code: "1")), id: "e1", evaluations: [])
        let prompt = OutputText(Array("name? ".utf8))
        let found = take(
            &translator, [started(), .inputRequest("e1", token: "t", prompt: prompt, isPassword: true)])
        #expect(found.last?.channel == .stdin && found.last?.line == 7)
        #expect(try json(found[2].content)["password"] as? Bool == true)
        #expect(translator.openInput == .init(token: "t", line: 7))
        _ = take(&translator, [finished(.interrupted)])
        #expect(translator.openInput == nil)
    }

    @Test("Cells of other doors are shown without a parent, and answered to nobody")
    func others() {
        let found = drafts([started("e9"), finished(.ok, "e9")])
        #expect(types(found) == ["busy", "execute_input", "idle"])
        #expect(found.allSatisfy { $0.parent == Array("{}".utf8) && $0.line == nil })
    }

    @Test("Restart: cells are aborted, numbers begin anew, the history goes on")
    func restart() throws {
        var translator = KernelTranslator()
        translator.add(KernelTranslator.Cell(request, ExecuteRequest(code: "1")), id: "e1", evaluations: [])
        let found = take(
            &translator, epochs: [1, 1, 2, 2, 2],
            [started(), finished(.aborted), .restarted(files: 0, skipped: 0), .state(.starting), .state(.idle)])
        #expect(types(found) == ["busy", "execute_input", "execute_reply", "idle", "starting", "idle"])
        #expect(translator.count == 0 && translator.history.entries.map(\.session) == [1])
        let next = take(&translator, epochs: [2], [started("e2", "2")])
        #expect(try json(next[1].content)["execution_count"] as? Int == 1)
        #expect(translator.history.entries.map(\.session) == [1, 2])
    }

    @Test("An end that nobody asked for is told on stderr; then the kernel is dead")
    func end() throws {
        let crash = drafts([
            started(), finished(.aborted), .ended(SessionEnd(verdict: "memory_limit", reason: "too much")),
        ])
        #expect(types(crash) == ["busy", "execute_input", "execute_reply", "idle", "stream", "dead"])
        #expect((try json(crash[4].content)["text"] as? String)?.contains("too much") == true)
        #expect(crash[4].parent == request.parent)
        #expect(types(drafts([.ended(SessionEnd(verdict: "closed", reason: "x"))])) == ["dead"])
        #expect(types(drafts([.closing(.idle, seconds: 60), .warning("w")])) == ["stream", "stream"])
    }

    @Test("A question that is answered while a cell runs leaves the kernel busy")
    func besides() {
        var translator = KernelTranslator()
        translator.add(KernelTranslator.Cell(request, ExecuteRequest(code: "1")), id: "e1", evaluations: [])
        _ = take(&translator, [started()])
        let other = KernelTranslator.Request(line: 8, parent: Array(#"{"msg_id":"m2"}"#.utf8))
        let found = translator.answer(other, "kernel_info_reply")
        #expect(types(found) == ["busy", "kernel_info_reply", "idle", "busy"])
        #expect(found[3].parent == request.parent && found[1].line == 8)
    }

    @Test("The pager's answer counts as a cell")
    func pager() throws {
        var translator = KernelTranslator()
        let data = [MimeItem(type: "text/plain", content: .string("doc"))]
        let found = translator.page(ExecuteRequest(code: "zip?"), request, name: "zip", found: true, data: data)
        #expect(types(found) == ["busy", "execute_input", "execute_reply", "idle"])
        let payload = try #require(try json(found[2].content)["payload"] as? [[String: Any]])
        #expect(payload.first?["source"] as? String == "page" && translator.count == 1)
        let none = translator.page(ExecuteRequest(code: "q?"), request, name: "q", found: false, data: [])
        #expect(types(none) == ["busy", "execute_input", "stream", "execute_reply", "idle"])
    }
}
