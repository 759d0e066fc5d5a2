import Foundation
import TestSupport
import Testing

@Suite("Jupyter's channels", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct JupyterChannelTests {
    private let service: Service

    init() throws {
        service = try Service.forSessions()
    }

    @Test("A cell's messages, in order; values, errors, expressions, numbers")
    func cells() throws {
        let kernel = try JupyterKernel.make(service)
        let first = try kernel.execute("print('hi'); 6 * 7", ["user_expressions": ["e": "1 + 1"]])
        #expect(first.types == ["busy", "execute_input", "stream", "execute_result", "execute_reply", "idle"])
        #expect(first.text() == "hi\n" && first.value == "42" && first.reply["execution_count"] as? Int == 1)
        let values = first.reply["user_expressions"] as? [String: [String: Any]]
        #expect((values?["e"]?["data"] as? [String: String])?["text/plain"] == "2")
        let failed = try kernel.execute("1 / 0")
        #expect(failed.reply["ename"] as? String == "ZeroDivisionError" && failed.types.contains("error"))
        #expect(failed.reply["execution_count"] as? Int == 2)
        #expect(try kernel.execute("5", ["silent": true]).types == ["busy", "execute_reply", "idle"])
        let shown = try kernel.execute(
            "from nestbox import *\ndisplay('a', display_id='d'); update_display('b', display_id='d'); clear_output()")
        #expect(
            shown.types.filter { $0.contains("display") || $0.contains("clear") }
                == ["display_data", "update_display_data", "clear_output"])
    }

    @Test("Cells behind one that fails are aborted, unless it said otherwise")
    func abort() throws {
        let kernel = try JupyterKernel.make(service)
        kernel.send("execute_request", ["code": "import time; time.sleep(0.3); 1 / 0"])
        let second = kernel.send("execute_request", ["code": "2"])
        #expect(kernel.until(second, "execute_reply")?.reply["status"] as? String == "aborted")
        kernel.send("execute_request", ["code": "time.sleep(0.3); 1 / 0", "stop_on_error": false])
        let fourth = kernel.send("execute_request", ["code": "2"])
        #expect(kernel.until(fourth, "execute_reply")?.value == "2")
    }

    @Test("Questions: completion, inspection, completeness, history, the pager; comms are closed, others refused")
    func questions() throws {
        let kernel = try JupyterKernel.make(service)
        _ = try kernel.execute("number_one = 1")
        let completion = try kernel.ask("complete_request", ["code": "number_", "cursor_pos": 7])
        #expect(completion["matches"] as? [String] == ["number_one"] && completion["cursor_start"] as? Int == 0)
        #expect(try kernel.ask("inspect_request", ["code": "print", "cursor_pos": 5])["found"] as? Bool == true)
        let complete = try kernel.ask("is_complete_request", ["code": "for x in y:"])
        #expect(complete["status"] as? String == "incomplete" && complete["indent"] as? String == "    ")
        let history = try kernel.ask(
            "history_request", ["hist_access_type": "tail", "n": 1, "output": false, "raw": true])
        #expect((history["history"] as? [[Any]])?.first?.last as? String == "number_one = 1")
        let pager = try kernel.execute("print?")
        #expect((pager.reply["payload"] as? [[String: Any]])?.first?["source"] as? String == "page")
        #expect((try kernel.ask("comm_info_request", [:])["comms"] as? [String: Any])?.isEmpty == true)
        #expect(try kernel.ask("connect_request", [:])["status"] as? String == "error")
        #expect(
            try kernel.ask("debug_request", ["seq": 1, "command": "attach"], channel: "control")["success"] as? Bool
                == false)
        #expect(try kernel.ask("complete_request", ["cursor_pos": 7])["ename"] as? String == "INVALID_REQUEST")
        kernel.send("comm_open", ["comm_id": "c", "target_name": "t", "data": [String: Any]()])
        kernel.send("nobody_knows_request", [:])
        var types: [String] = []
        while types.last != "idle", let message = kernel.next() { types += [message].types }
        #expect(types == ["busy", "comm_close", "idle"])
    }

    @Test("Input is asked for from who asks, and an interrupt keeps the variables")
    func inputAndInterrupt() throws {
        let (kernel, other) = try two()
        let id = kernel.send("execute_request", ["code": "name = input('name? ')", "allow_stdin": true])
        let messages = kernel.until(id, "execute_reply") { message in
            guard message.type == "input_request" else { return }
            #expect(message.channel == "stdin" && message.content["prompt"] as? String == "name? ")
            other.send("input_reply", ["value": "wrong"], channel: "stdin")
            kernel.send("input_reply", ["value": "right"], channel: "stdin")
        }
        #expect(messages?.reply["status"] as? String == "ok")
        #expect(try kernel.execute("name").value == "'right'")
        let endless = kernel.send("execute_request", ["code": "x = 1\nwhile True: pass"])
        while let message = kernel.next(), message.type != "execute_input" {}
        #expect(try service.post("/api/kernels/\(kernel.id)/interrupt", [:]).status == 204)
        #expect(kernel.until(endless, "execute_reply")?.reply["ename"] as? String == "KeyboardInterrupt")
        #expect(try kernel.execute("x").value == "1")
        let none = try kernel.execute("input()", ["allow_stdin": false])
        #expect(none.reply["ename"] as? String == "EOFError")
    }

    @Test("All cells of a notebook may be asked for at once")
    func manyCells() throws {
        let kernel = try JupyterKernel.make(service)
        _ = try kernel.execute("total = 0")
        kernel.send("execute_request", ["code": "import time; time.sleep(0.3)"])
        let last = (1...100).map { kernel.send("execute_request", ["code": "total += \($0); total"]) }.last
        #expect(kernel.until(try #require(last), "execute_reply")?.value == "5050")
    }

    private func two() throws -> (JupyterKernel, JupyterKernel) {
        let kernel = try JupyterKernel.make(service)
        let other = try JupyterKernel(service, kernel.id)
        try other.hear()
        return (kernel, other)
    }

    @Test("Two clients see the same outputs, with the parent of who asked; replies are one's own")
    func clients() throws {
        let (kernel, other) = try two()
        let id = kernel.send("execute_request", ["code": "print('both')"])
        let own = try #require(kernel.until(id, "execute_reply"))
        var seen: [JupyterKernel.Message] = []
        while seen.types.last != "idle", let message = other.next() {
            if message.parent == id { seen.append(message) }
        }
        #expect(own.text() == "both\n" && seen.types == own.types.filter { $0 != "execute_reply" })
    }

    @Test("Who comes back by name gets what was missed; who comes anew sees what follows")
    func reconnect() throws {
        let kernel = try JupyterKernel.make(service)
        let slow = "import time\nfor n in range(4):\n    print(n, flush=True); time.sleep(0.2)"
        let first = kernel.send("execute_request", ["code": slow])
        while let message = kernel.next(), message.type != "stream" {}
        kernel.socket.close()
        let again = try JupyterKernel(service, kernel.id, name: kernel.name)
        let rest = try #require(again.until(first, "execute_reply"))
        #expect(rest.text().hasSuffix("2\n3\n") && rest.reply["status"] as? String == "ok")
        // The same name over another connection: the first one ends.
        let third = try JupyterKernel(service, kernel.id, name: kernel.name)
        #expect(again.socket.closeCode() == 1000)
        let second = third.send("execute_request", ["code": slow])
        while let message = third.next(), message.type != "stream" {}
        let reloaded = try JupyterKernel(service, kernel.id)
        var text = ""
        while !text.hasSuffix("3\n"), let message = reloaded.next() {
            guard message.type == "stream" else { continue }
            #expect(message.parent == second)
            text += message.content["text"] as? String ?? ""
        }
        #expect(text.hasSuffix("2\n3\n"))
    }

    @Test("Restart keeps the id and begins anew; a kernel that died says why, and can be restarted")
    func restart() throws {
        let kernel = try JupyterKernel.make(service)
        _ = try kernel.execute("x = 1")
        let answer = try service.post("/api/kernels/\(kernel.id)/restart", [:])
        #expect(answer.status == 200 && answer.json["id"] as? String == kernel.id)
        let fresh = try kernel.execute("x")
        #expect(fresh.reply["ename"] as? String == "NameError" && fresh.reply["execution_count"] as? Int == 1)
        let died = try kernel.execute("import os; os._exit(3)")
        #expect(died.reply["ename"] as? String == "KernelDied")
        var said = ""
        while let message = kernel.next(), message.content["execution_state"] as? String != "dead" {
            said += [message].text("stderr")
        }
        #expect(said.contains("exit status 3"))
        #expect(try service.get("/api/kernels/\(kernel.id)").json["execution_state"] as? String == "dead")
        #expect(try kernel.execute("1").reply["ename"] as? String == "SESSION_ENDED")
        #expect(try service.post("/api/kernels/\(kernel.id)/restart", [:]).status == 200)
        #expect(try kernel.execute("40 + 2").value == "42")
        let closing = try kernel.ask("shutdown_request", ["restart": false], channel: "control")
        #expect(closing["status"] as? String == "ok")
        #expect(try service.get("/api/kernels/\(kernel.id)").status == 404)
    }

    @Test("Messages that cannot be read end the socket, with the reason; the kernel goes on")
    func badMessages() throws {
        let kernel = try JupyterKernel.make(service)
        for text in ["{", "[]", "{\"header\": {}}", "null"] {
            let bad = try JupyterKernel(service, kernel.id)
            bad.socket.send(text: text)
            #expect(bad.socket.closeCode() == 1007, "\(text)")
        }
        let binary = try JupyterKernel(service, kernel.id)
        binary.socket.send(binary: [0, 0, 0, 9])
        #expect(binary.socket.closeCode() == 1007)
        let unknown = try JupyterKernel(service, "00000000-0000-0000-0000-000000000000")
        #expect(unknown.socket.closeCode() == 4404)
        #expect(try kernel.execute("1").value == "1")
    }
}
