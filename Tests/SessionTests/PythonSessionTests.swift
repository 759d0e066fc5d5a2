import Foundation
import RunModel
import SessionExecution
import SessionModel
import SessionService
import TestSupport
import Testing
import WardenClient

/// Sessions of Python in real sandboxes.
@Suite(.serialized, .enabled(if: SessionHost.canRun, "needs root, and the image python built"))
struct PythonSessionTests {
    @Test func valuesOutputAndStateAreKept() async throws {
        try await SessionHost.withSession { session, _ in
            let first = try await session.run(#"print("test"); 42"#)
            #expect(first.status == .ok && first.text == "test\n" && first.repr == "42" && first.seconds > 0)
            #expect(first.result?.value.map { "\($0)".contains("42") } == true)
            _ = try await session.run("x = [1, 2]")
            let second = try await session.run("x.append(3); x")
            #expect(second.repr == "[1, 2, 3]")
            let failed = try await session.run("1/0")
            #expect(failed.status == .error && failed.error?.exception == "ZeroDivisionError")
            #expect(failed.error?.traceback.contains { $0.contains("session.py") } == false)
            let after = try await session.run("len(x)")
            #expect(after.repr == "3")
            // What a cell printed comes before its value.
            let names = session.kinds.map(\.name)
            #expect(
                Array(names.prefix(7)) == [
                    "session_created", "state", "execution_started", "output", "result", "execution_finished", "state",
                ])
        }
    }

    /// Forked from an interpreter that has booted, as in a pool, a session is the same.
    @Test func aForkedInterpreterServesAsWell() async throws {
        try await SessionHost.withSession(isPrepared: true) { session, _ in
            let first = try await session.run("import os, random; x = os.getpid(); print('a'); x")
            #expect(first.status == .ok && first.text == "a\n")
            let id = try await session.submit(CellRequest(code: "while True: pass"))
            try await Task.sleep(for: .milliseconds(200))
            #expect(try await session.interrupt())
            #expect(await session.outcome(of: id)?.status == .interrupted)
            try await session.checkpoint(.make, "one")
            #expect(try await session.run("x = 0; input").status == .ok)
            try await session.checkpoint(.restore, "one")
            #expect(try await session.run("x").repr == first.repr)
            try await session.restart()
            #expect(try await session.run("'x' in globals()").repr == "False")
        }
    }

    @Test func outputOfChildrenBelongsToTheCell() async throws {
        try await SessionHost.withSession { session, _ in
            let outcome = try await session.run(
                "import os, sys\nprint('a', flush=True)\nos.system('echo b')\nprint('c', file=sys.stderr)")
            #expect(outcome.text.contains("a\nb\n") && outcome.text.contains("c\n") && outcome.status == .ok)
        }
    }

    @Test func inputIsAskedForAndAnsweredByToken() async throws {
        try await SessionHost.withSession { session, _ in
            let id = try await session.submit(CellRequest(code: "name = input('name? ')\nname.upper()"))
            #expect(await eventually { session.currentState == .waiting })
            let requests = session.kinds.compactMap { kind -> (String, String)? in
                if case .inputRequest(id, let token, let prompt, _) = kind { (token, prompt.lossyText) } else { nil }
            }
            let request = try #require(requests.first)
            #expect(requests.count == 1 && request.1 == "name? ")
            let stale = await #expect(throws: APIError.self) { try await session.input([0x61], token: "other") }
            #expect(stale?.code == .inputTokenStale)
            try await session.input(Array("ada".utf8), token: request.0)
            let outcome = await session.outcome(of: id)
            #expect(outcome?.status == .ok && outcome?.repr == "'ADA'")
        }
    }

    @Test func twoSessionsWaitAndEachGetsItsOwnAnswer() async throws {
        try await SessionHost.withSession { first, host in
            let second = try host.service.create(SessionRequest(language: "python"), owner: SessionHost.owner)
            let sessions = [first, second]
            for session in sessions { _ = try await session.submit(CellRequest(code: "input()")) }
            #expect(await eventually { sessions.allSatisfy { $0.currentState == .waiting } })
            // The later one first.
            let tokens = sessions.map { session in
                session.history.compactMap {
                    if case .inputRequest(_, let token, _, _) = $0.event.kind { token } else { nil }
                }
                .last
            }
            let stale = await #expect(throws: APIError.self) { try await first.input([0x78], token: tokens[1]) }
            #expect(stale?.code == .inputTokenStale && tokens.allSatisfy { $0 != nil })
            for ((session, text), token) in zip(zip(sessions, ["a", "b"]), tokens).reversed() {
                try await session.input(Array(text.utf8), token: token)
            }
            #expect(await first.outcome(of: "e1")?.repr == "'a'")
            #expect(await second.outcome(of: "e1")?.repr == "'b'")
        }
    }

    @Test func whereNobodyAnswersInputEnds() async throws {
        try await SessionHost.withSession { session, _ in
            var cell = CellRequest(code: "input('? ')")
            cell.allowsInput = false
            let outcome = try await session.execute(cell)
            #expect(outcome.status == .error && outcome.error?.exception == "EOFError")
            #expect(try await session.run("1 + 1").repr == "2")
        }
    }

    @Test func anInterruptKeepsTheState() async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.run("x = 7")
            for code in ["while True: pass", "import time; time.sleep(60)", "input()"] {
                let id = try await session.submit(CellRequest(code: code))
                if code == "input()" {
                    #expect(await eventually { session.currentState == .waiting })
                } else {
                    try await Task.sleep(for: .milliseconds(200))
                }
                #expect(try await session.interrupt())
                let outcome = await session.outcome(of: id)
                #expect(outcome?.status == .interrupted, "\(code)")
            }
            #expect(try await session.run("x").repr == "7")
            #expect(try await !session.interrupt())
            #expect(
                session.kinds.filter { if case .interrupted(_, isKept: true) = $0 { true } else { false } }.count == 3)
        }
    }

    @Test func limitsOfACellInterruptIt() async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.run("x = 7")
            let wall = try await session.run("import time; time.sleep(60)") { $0.limits.wall = 500_000_000 }
            #expect(wall.status == .limit && wall.limit?.name == "wall")
            let cpu = try await session.run("while True: pass") { $0.limits.cpu = 300_000_000 }
            #expect(cpu.status == .limit && cpu.limit?.name == "cpu")
            let output = try await session.run("while True: print('x' * 1000)") { $0.limits.outputBytes = 100_000 }
            #expect(output.status == .limit && output.limit?.name == "output" && output.text.utf8.count <= 100_000)
            #expect(try await session.run("x").repr == "7")
        }
    }

    @Test func aRestartKeepsTheHistoryAndTheFiles() async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.run("x = 7; open('f', 'w').write('1')")
            try await session.restart()
            let outcome = try await session.run("import os; 'x' in globals(), os.path.exists('f')")
            #expect(outcome.repr == "(False, True)" && session.summary.snapshot.epoch == 2)
            #expect(session.kinds.map(\.name).filter { $0 == "execution_finished" }.count == 2)
            // A cell that writes all the time is stopped before its files are kept.
            _ = try await session.submit(CellRequest(code: "while True: open('g', 'a').write('x')"))
            while try await !session.listFiles().entries.contains(where: { $0.path == "g" }) {}
            try await session.restart()
            #expect(try await session.run("import os; sorted(os.listdir())").repr == "['f', 'g']")
            try await session.restart(keepsFiles: false)
            #expect(try await session.run("import os; os.listdir()").repr == "[]")
        }
    }

    @Test(arguments: [
        ("import os; os._exit(3)", "nonzero_exit", "status 3"),
        ("import os; os.kill(os.getpid(), 9)", "signaled", "signal 9"),
        ("import sys; sys.exit()", "exited", "status 0"),
    ])
    func theEndOfTheInterpreterIsTold(_ code: String, _ verdict: String, _ words: String) async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.submit(CellRequest(code: code))
            let end = await session.ended()
            #expect(end.verdict == verdict && end.reason.contains(words), "\(end)")
        }
    }

    @Test func memoryIsLimited() async throws {
        try await SessionHost.withSession(limits: ["memory": "64MiB"]) { session, _ in
            let id = try await session.submit(CellRequest(code: "x = bytearray(300_000_000)"))
            let end = await session.ended()
            #expect(end.verdict == "memory_limit" && end.limit?.name == "memory" && end.executionID == id, "\(end)")
            let outcome = await session.outcome(of: id)
            #expect(outcome?.status == .limit)
        }
    }

    @Test func aForkBombEndsAtItsLimitAndTheSessionGoesOn() async throws {
        try await SessionHost.withSession { session, _ in
            let outcome = try await session.run(
                """
                import os, time
                n = 0
                try:
                    while True:
                        if os.fork() == 0:
                            time.sleep(60)
                            os._exit(0)
                        n += 1
                except OSError as error:
                    print(type(error).__name__)
                """)
            #expect(outcome.status == .ok && outcome.text.contains("BlockingIOError"), "\(outcome)")
            #expect(try await session.run("n > 3").repr == "True")
        }
    }

    @Test func aCellThatClosesTheChannelEndsItsSession() async throws {
        for code in ["import os; os.close(100); os.close(101)", "import os; os.closerange(3, 4096)"] {
            try await SessionHost.withSession { session, _ in
                _ = try await session.submit(CellRequest(code: code))
                let end = await session.ended()
                #expect(["nonzero_exit", "internal_error", "exited"].contains(end.verdict), "\(end)")
            }
        }
    }

    @Test func aForgedRecordEndsTheSession() async throws {
        try await SessionHost.withSession { session, _ in
            let code = """
                import os, json
                b = json.dumps({"type": "done", "id": "e99", "status": "ok"}).encode()
                os.write(101, len(b).to_bytes(4, "big") + b)
                import time; time.sleep(5)
                """
            _ = try await session.submit(CellRequest(code: code))
            let end = await session.ended()
            #expect(end.verdict == "internal_error" && end.reason.contains("done of e99"), "\(end)")
        }
    }

    @Test func questionsAreAnsweredWhileACellRuns() async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.run("number = 42")
            let id = try await session.submit(CellRequest(code: "import time; time.sleep(2)"))
            try await Task.sleep(for: .milliseconds(100))
            guard case .variables(let variables) = try await session.query(.variables) else {
                Issue.record("no variables")
                return
            }
            #expect(variables.contains { $0.name == "number" && $0.repr == "42" })
            guard case .completion(let matches, 0, 3) = try await session.query(.complete(code: "num", cursor: 3))
            else {
                Issue.record("no completion")
                return
            }
            #expect(matches.contains { $0.text == "number" } && session.currentState == .busy)
            _ = await session.outcome(of: id)
            #expect(
                try await session.query(.isComplete(code: "def f():")) == .completeness(.incomplete, indent: "    "))
        }
    }

    @Test func checkpointsAreRestored() async throws {
        try await SessionHost.withSession { session, _ in
            _ = try await session.run("x = 1")
            try await session.checkpoint(.make, "one")
            _ = try await session.run("x = 2")
            try await session.checkpoint(.restore, "one")
            #expect(try await session.run("x").repr == "1" && session.summary.snapshot.epoch == 2)
            let undone = try await session.run("x = 9; 1/0") { $0.transaction = .rollbackOnFailure }
            #expect(undone.status == .error)
            #expect(try await session.run("x").repr == "1")
            let kept = try await session.run("x = 5") { $0.transaction = .rollbackOnFailure }
            #expect(kept.status == .ok)
            #expect(try await session.run("x").repr == "5")
            try await session.checkpoint(.drop, "one")
            #expect(session.summary.snapshot.checkpoints == [])
        }
    }

    /// A session that has executed much is no larger than one that has not.
    /// NESTBOX_CELLS says how many; in the night they are 9,000.
    @Test func manyCellsDoNotMakeItGrow() async throws {
        let count = ProcessInfo.processInfo.environment["NESTBOX_CELLS"].flatMap { Int($0) } ?? 300
        try await SessionHost.withSession { session, _ in
            let measure = "import gc; gc.collect(); int(open('/proc/self/statm').read().split()[1])"
            for number in 0..<50 { _ = try await session.run("\(number)") }
            let before = Int(try await session.run(measure).repr ?? "") ?? 0
            let begin = ContinuousClock.now
            for number in 0..<count {
                let outcome = try await session.run("print(\(number)); \(number)")
                #expect(outcome.repr == "\(number)" && outcome.text == "\(number)\n")
            }
            let each = (ContinuousClock.now - begin) / count
            print("a cell: \(each)")
            let after = Int(try await session.run(measure).repr ?? "") ?? .max
            #expect(before > 0 && after - before < 1024, "\(before) to \(after) pages")
            #expect(session.history.reduce(0) { $0 + $1.json.count } <= 8 << 20)
        }
    }

    @Test func aWardenThatDiesEndsTheSessionAndSaysThatAnotherMayDo() async throws {
        try await SessionHost.withSession { session, host in
            _ = try await session.run("1")
            let id = try await session.submit(CellRequest(code: "import time; time.sleep(60)"))
            kill(host.connection.pid, SIGKILL)
            let end = await session.ended()
            #expect(end.verdict == "internal_error" && end.isRetryable, "\(end)")
            #expect(await session.outcome(of: id)?.status == .aborted)
            // What happened before can still be read.
            let names = session.kinds.map(\.name)
            #expect(names.contains("result") && names.last == "ended")
            #expect(session.history.map(\.event.sequence) == Array(1...Int64(names.count)))
        }
    }

    /// A thread that writes for ever: nothing of it is kept beyond the limit, cells go on, and their own output is seen.
    @Test func aFloodInTheBackgroundDrownsNobody() async throws {
        try await SessionHost.withSession(session: ["cell.output": "64KiB"]) { session, _ in
            let begun = try await session.run(
                """
                import os, threading
                on = True
                def flood():
                    while on: os.write(2, b"x" * 4096)
                threading.Thread(target=flood, daemon=True).start()
                """)
            #expect(begun.status == .ok || begun.status == .limit, "\(begun.status)")
            try await Task.sleep(for: .milliseconds(300))
            #expect(session.history.reduce(0) { $0 + $1.json.count } < 1 << 20)
            _ = try await session.run("on = False")
            try await Task.sleep(for: .milliseconds(300))
            let after = try await session.run("print('seen'); 1")
            #expect(after.status == .ok && after.repr == "1" && after.text.contains("seen"), "\(after)")
        }
    }
}
