import Foundation
import LinuxSystem
import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import SessionService
import Testing
import WardenClient

/// Sessions that outlive their service, in real sandboxes.
@Suite(.enabled(if: SessionHost.canRun), .serialized) struct DurableSessionTests {
    /// Runs one part in one service, and the next in another one.
    private func across(
        _ language: String, _ first: (Session) async throws -> Void, _ second: (Session) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "/nestbox-durable-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var id = SessionID()
        for isFirst in [true, false] {
            let store = try SessionStore(
                directory: folder, bounds: .init(perOwner: 4), report: { Issue.record("\($0)") })
            let host = try await SessionHost(store: store)
            let result: Result<Void, any Error>
            do {
                if isFirst {
                    let session = try host.service.create(SessionRequest(language: language), owner: SessionHost.owner)
                    id = session.id
                    try await first(session)
                } else {
                    try await second(try await host.service.resume(id, owner: SessionHost.owner))
                }
                result = .success(())
            } catch {
                result = .failure(error)
            }
            host.service.close()
            _ = await host.service.idle(within: .seconds(15))
            await host.connection.close()
            try result.get()
        }
    }

    private func restoration(_ session: Session) -> SessionRestoration? {
        for case .restored(_, let restoration) in session.kinds { return restoration }
        return nil
    }

    @Test func variablesFunctionsClassesAndFilesOfPythonComeBack() async throws {
        try await across("python") { session in
            let made = try await session.run(
                """
                import math
                from dataclasses import dataclass
                a = [1]; b = a
                n = 3
                def times(x): return x * n
                @dataclass
                class Point:
                    x: int = n
                    def double(self): return times(self.x)
                point = Point(5)
                add = (lambda k: lambda x: x + k)(10)
                f = open('data', 'w'); f.write('kept'); f.flush()
                gen = (i for i in range(3))
                """)
            #expect(made.status == .ok, "\(made)")
            let lost = try await session.save(as: "evening")
            #expect(lost.map(\.name).sorted() == ["f", "gen"], "\(lost)")
            // The session has not noticed, and nothing of it is left in its folder.
            #expect(try await session.run("import os; next(gen), os.listdir()").repr == "(0, ['data'])")
        } _: { session in
            let value = try await session.run(
                "import os; a is b, times(2), point, point.double(), add(1), math.floor(2.5), open('data').read(), os.listdir(), 'gen' in globals()"
            )
            #expect(
                value.repr == "(True, 6, Point(x=5), 15, 11, 2, 'kept', ['data'], False)", "\(value)")
            #expect(restoration(session)?.lost.count == 2 && session.summary.snapshot.epoch == 2)
            // It can be saved again.
            #expect(try await session.save(as: "again").isEmpty)
        }
    }

    @Test func aValueThatPicklesForEverIsTheSessionsOwnAffair() async throws {
        try await across("python") { session in
            _ = try await session.run(
                """
                class Bad:
                    def __reduce__(self): raise RuntimeError("no")
                class Odd:
                    def __getstate__(self): print("printed"); return {}
                bad, odd, good = Bad(), Odd(), 1
                deep = []
                for _ in range(100000): deep = [deep]
                """)
            let lost = try await session.save(as: "a")
            #expect(lost.map(\.name).sorted() == ["bad", "deep"], "\(lost)")
        } _: { session in
            let value = try await session.run("good, type(odd).__name__")
            #expect(value.repr == "(1, 'Odd')")
        }
    }

    @Test(
        arguments: [
            ("node", "let x = 40; console.log('once')", "x += 2", "nosuch()", "x", "42"),
            ("ruby", "x = 40; puts 'once'", "x += 2", "nosuch()", "x", "42"),
            ("lua", "x = 40 print('once')", "x = x + 2", "nosuch()", "x", "42"),
        ].filter { SessionHost.isBuilt($0.0) })
    func otherLanguagesExecuteTheirCellsAgain(
        _ language: String, _ first: String, _ second: String, _ bad: String, _ last: String, _ repr: String
    ) async throws {
        try await across(language) { session in
            for code in [first, second, bad] { _ = try await session.run(code) }
            try await session.writeFile(try BoxPath("f"), [1, 2], executable: false)
            try await session.save(as: "a")
        } _: { session in
            let value = try await session.run(last)
            #expect(value.repr == repr && value.executionID == "e4", "\(value)")
            #expect(restoration(session) == SessionRestoration(method: .replay, replayed: 3))
            #expect(try await session.readFile(try BoxPath("f")) == [1, 2])
            let wasShown = session.kinds.contains { if case .output = $0 { true } else { false } }
            #expect(!wasShown)
        }
    }
}
