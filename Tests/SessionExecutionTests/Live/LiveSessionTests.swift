import Glibc
import Reactor
import RunModel
import RunTestSupport
import SandboxPool
import SandboxSpec
import SandboxSupply
import SessionExecution
import SessionModel
import TestSupport
import Testing
import WardenProtocol

@Suite struct LiveSessionTests {
    private let sink = RecordingSessionSink()

    private func ended(_ session: LiveSession) async -> SessionEnd? {
        _ = await eventually { sink.end != nil }
        return sink.end
    }

    @Test func aCellRunsAndWhatItWroteComesBeforeItsResult() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, _ in
                driver.say(#"{"type":"result","id":"\#(id)","repr":"42","value":42}"#)
                driver.print("test\n")
                driver.done(id)
            })
        let session = try LiveSession.scripted(source, sink)
        let id = try await session.submit(CellRequest(code: "print('test'); 42"))
        #expect(await eventually { sink.status(of: id) == .ok })
        session.close(reason: "done")
        let end = await ended(session)
        #expect(end?.verdict == "closed")
        #expect(
            sink.names == [
                "session_created", "state", "execution_started", "output", "result", "execution_finished", "state",
                "state", "ended",
            ])
        #expect(sink.events.map(\.sequence) == Array(1...9))
        let error = await #expect(throws: APIError.self) { try await session.submit(CellRequest(code: "1")) }
        #expect(error?.code == .sessionEnded)
    }

    /// All that was written before `done` belongs to the cell, however much it is.
    @Test func aCellIsNotOverBeforeItsOutputIs() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, code in
                driver.print(String(repeating: "é", count: 30_000) + code)
                driver.program.write("e\(code)", to: driver.program.stderr)
                driver.done(id)
            })
        let session = try LiveSession.scripted(source, sink)
        for number in 1...20 {
            _ = try await session.submit(CellRequest(code: "\(number)"));
            #expect(await eventually { sink.status(of: "e\(number)") == .ok })
        }
        var current = ""
        var texts: [String: String] = [:]
        for kind in sink.kinds {
            switch kind {
            case .executionStarted(let id, _): current = id
            case .output(let id?, .stdout, let text, let isBackground):
                #expect(id == current && !isBackground)
                texts[id, default: ""] += text.rendered.data
            case .executionFinished: current = ""
            default: break
            }
        }
        for number in 1...20 { #expect(texts["e\(number)"] == String(repeating: "é", count: 30_000) + "\(number)") }
        session.close(reason: "")
    }

    /// Lines of both outputs, as the program wrote them, though both pipes are read at once.
    @Test func whatACellWritesComesInTheOrderInWhichItIsWritten() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, _ in
                for number in 0..<40 {
                    driver.program.write(
                        "\(number)\n", to: number % 3 == 0 ? driver.program.stderr : driver.program.stdout)
                }
                driver.done(id)
            })
        let session = try LiveSession.scripted(source, sink)
        for _ in 0..<5 {
            let id = try await session.submit(CellRequest(code: "both"))
            #expect(await eventually { sink.status(of: id) == .ok })
        }
        #expect(sink.allOutput == String(repeating: (0..<40).map { "\($0)\n" }.joined(), count: 5))
        session.close(reason: "")
    }

    /// The driver waits already: nothing is started, and the first cell runs.
    @Test func aSandboxWhoseDriverWaitsIsNotStartedAgain() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, code in
                driver.print(code)
                driver.done(id)
            })
        let pools = PooledSandboxes(
            source: source, bounds: PoolBounds(builds: 1), pressure: { 0 },
            observer: .init(changed: { _, _ in }, built: { _, _ in }))
        let spec = try LiveSession.scriptedSpec()
        let opening = SandboxOpening(
            job: Job(arguments: ["driver"], environment: []), times: TimeLimits(spec.limits))
        pools.configure([
            PoolDescription(
                policy: "p", image: "i", step: .session, spec: spec,
                size: PoolSize(minimum: 1, maximum: 1, weight: 1), opening: opening)
        ])
        #expect(await eventually { pools.reports.first?.status.parked == 1 })
        let session = try LiveSession.scripted(pools, sink, opening: opening)
        let id = try await session.submit(CellRequest(code: "open"))
        #expect(await eventually { sink.status(of: id) == .ok })
        #expect(sink.output == "open" && source.sandboxes.first?.starts == 1)
        session.close(reason: "")
    }

    @Test func inputIsAskedForAndReachesTheProgram() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, _ in
                driver.print("name? ")
                driver.program.sandbox.say(isWaiting: true)
                var buffer = [UInt8](repeating: 0, count: 64)
                let count = read(driver.program.stdin, &buffer, 64)
                driver.program.sandbox.say(isWaiting: false)
                driver.print("hello \(String(decoding: buffer[..<max(count, 0)], as: UTF8.self))")
                driver.done(id)
            })
        let session = try LiveSession.scripted(source, sink)
        let id = try await session.submit(CellRequest(code: "input()"))
        #expect(await eventually { sink.snapshot.state == .waiting })
        #expect(
            sink.kinds.last
                == .inputRequest(id, token: "i1", prompt: OutputText(Array("name? ".utf8)), isPassword: false))
        let stale = await #expect(throws: APIError.self) { try await session.input(Array("x".utf8), token: "i7") }
        #expect(stale?.code == .inputTokenStale)
        try await session.input(Array("Ada".utf8), token: "i1")
        #expect(await eventually { sink.status(of: id) == .ok })
        #expect(sink.output == "name? hello Ada\n")
        session.close(reason: "")
    }

    @Test func anInterruptIsAnnouncedAndASignal() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, _ in
                guard let (type, about, _) = driver.next() else { return }
                #expect(type == "interrupt" && about == id)
                while driver.program.sandbox.signals.isEmpty { usleep(500) }
                driver.done(id, "interrupted")
            })
        let session = try LiveSession.scripted(source, sink)
        #expect(try await !session.interrupt())
        let id = try await session.submit(CellRequest(code: "loop"))
        #expect(await eventually { sink.snapshot.state == .busy })
        #expect(try await session.interrupt())
        #expect(await eventually { sink.status(of: id) == .interrupted })
        #expect(source.sandboxes.first?.signals == [UInt8(SIGINT)])
        #expect(try await session.query(.variables) == .variables([]))
        session.close(reason: "")
    }

    @Test func aRestartTakesAnotherSandbox() async throws {
        let body = ScriptedDriver.body { driver, id, code in
            driver.print(code)
            driver.done(id)
        }
        let source = ScriptedSource(body, body)
        let session = try LiveSession.scripted(source, sink)
        let first = try await session.submit(CellRequest(code: "a"))
        #expect(await eventually { sink.status(of: first) == .ok })
        try await session.restart()
        let second = try await session.submit(CellRequest(code: "b"))
        #expect(await eventually { sink.status(of: second) == .ok })
        #expect(sink.snapshot.epoch == 2 && sink.output == "ab")
        #expect(source.sandboxes.map { $0.killed != nil } == [true, false])
        session.close(reason: "")
        _ = await ended(session)
        #expect(sink.names.filter { $0 == "ended" }.count == 1)
    }

    @Test func theSandboxThatEndsByItselfIsReadToItsEnd() async throws {
        let source = ScriptedSource { program in
            var driver = ScriptedDriver(program)
            driver.ready()
            guard let (_, id, _) = driver.next() else { return .exit(1) }
            driver.print("last words")
            driver.say(#"{"type":"error","id":"\#(id)","exception":"SystemExit","message":"3","traceback":[]}"#)
            return .exit(3)
        }
        let session = try LiveSession.scripted(source, sink)
        let id = try await session.submit(CellRequest(code: "exit"))
        let end = await ended(session)
        #expect(end?.verdict == "nonzero_exit" && end?.executionID == id && sink.output == "last words")
        #expect(sink.status(of: id) == .aborted && sink.names.contains("error"))
    }

    @Test(arguments: [
        ([0xff, 0xff, 0xff, 0xff] as [UInt8], "4294967295 bytes"), ([0, 0, 0, 1, 0x7b], "no JSON"),
        ([0, 0, 0, 2, 0x7b, 0x7d], "no type"),
    ])
    func brokenRecordsEndTheSession(_ bytes: [UInt8], _ word: String) async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, _, _ in driver.program.write(bytes, to: driver.program.records) })
        let session = try LiveSession.scripted(source, sink)
        let id = try await session.submit(CellRequest(code: "forge"))
        let end = await ended(session)
        #expect(end?.verdict == "internal_error" && end?.reason.contains(word) == true, "\(end?.reason ?? "")")
        #expect(sink.status(of: id) == .aborted)
    }

    @Test func aClosedChannelEndsTheSession() async throws {
        var bounds = SessionEngine.Bounds()
        bounds.channelLost = second / 10
        for which in [0, 1] {
            let sink = RecordingSessionSink()
            let source = ScriptedSource(
                ScriptedDriver.body { driver, id, code in
                    // The numbers stay taken, so that the sandbox may close them.
                    let null = open("/dev/null", O_RDWR)
                    _ = dup2(null, which == 0 ? driver.program.records : driver.program.commands)
                    close(null)
                    if which == 1 { driver.done(id) }
                    driver.program.waitForKill()
                })
            let session = try LiveSession.scripted(source, sink, bounds: bounds)
            _ = try await session.submit(CellRequest(code: "close"))
            if which == 1 {
                #expect(await eventually { sink.status(of: "e1") == .ok })
                _ = try await session.submit(CellRequest(code: "next"))
            }
            #expect(await eventually { sink.end != nil })
            #expect(sink.end?.verdict == "internal_error" && sink.end?.reason.contains("channel") == true)
        }
    }

    /// A driver that says it is ready and reads nothing, ever: what waits for it is bounded, and everybody gets an answer.
    @Test func aDriverThatNeverReadsHoldsUpNobody() async throws {
        let source = ScriptedSource({ program in
            ScriptedDriver(program).ready(#"["complete","interrupt"]"#)
            program.waitForKill()
            return .exit(0)
        })
        var (bounds, limits) = (SessionEngine.Bounds.patient, SessionLimits.usual)
        (bounds.query, bounds.secondSignal, bounds.interrupting) = (400_000_000, 200_000_000, 400_000_000)
        limits.cell.wall = 300_000_000
        let session = try LiveSession.scripted(source, sink, limits: limits, bounds: bounds)
        #expect(await eventually { sink.names.contains("state") })
        let code = String(repeating: "x", count: 900_000)
        let codes = await withTaskGroup(of: APIError.Code?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do throws(APIError) {
                        _ = try await session.query(.complete(code: code, cursor: 0))
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: [APIError.Code?]()) { $0.append($1) }
        }
        #expect(codes.count { $0 == .driverTimeout } == 3 && codes.count { $0 == .tooManyQueries } == 5, "\(codes)")
        let id = try await session.submit(CellRequest(code: "1"))
        let end = await ended(session)
        #expect(end?.verdict == "cell_limit" && sink.status(of: id) == .limit, "\(String(describing: end))")
    }

    @Test func withoutASandboxThereIsNoSession() async throws {
        let source = ScriptedSource(failure: APIError(.overloaded, "no room", retryable: true))
        let session = try LiveSession.scripted(source, sink)
        let end = await ended(session)
        #expect(end?.isRetryable == true && end?.reason.contains("no room") == true)
    }

    @Test func aFloodIsReadSlowlyAndForgotten() async throws {
        let source = ScriptedSource(
            ScriptedDriver.body { driver, id, _ in
                let piece = String(repeating: "x", count: 4096)
                while driver.program.sandbox.signals.isEmpty { driver.print(piece) }
                driver.done(id, "interrupted")
            })
        let session = try LiveSession.scripted(source, sink)
        let id = try await session.submit(CellRequest(code: "flood"))
        #expect(await eventually { sink.status(of: id) == .limit })
        #expect(sink.output.utf8.count == SessionLimits.usual.cell.outputBytes)
        session.close(reason: "")
    }

    /// Many sessions share one thread.
    @Test func manySessionsLiveOnOneThread() async throws {
        let reactor = try Reactor()
        let sinks = (0..<40).map { _ in RecordingSessionSink() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, sink) in sinks.enumerated() {
                group.addTask {
                    let source = ScriptedSource(
                        ScriptedDriver.body { driver, id, code in
                            driver.print(code)
                            driver.done(id)
                        })
                    let session = try LiveSession.scripted(source, sink, on: reactor)
                    for cell in 1...20 {
                        _ = try await session.submit(CellRequest(code: "\(number):\(cell) "))
                        #expect(await eventually { sink.status(of: "e\(cell)") == .ok })
                    }
                    session.close(reason: "")
                    #expect(await eventually { sink.end != nil })
                }
            }
            try await group.waitForAll()
        }
        for (number, sink) in sinks.enumerated() {
            #expect(sink.output == (1...20).map { "\(number):\($0) " }.joined())
        }
    }
}
