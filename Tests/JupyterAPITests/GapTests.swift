import Foundation
import RunModel
import SessionModel
import StrictJSON
import Testing

@testable import JupyterAPI

@Suite("Lost events")
struct GapTests {
    /// A translator that waits for these cells, each asked for by a client of its own, and has just lost events.
    private func behindGap(_ ids: [String], begun: Bool = false) -> KernelTranslator {
        var translator = KernelTranslator()
        for (line, id) in ids.enumerated() {
            let request = KernelTranslator.Request(line: line + 1, parent: Array("{}".utf8))
            translator.add(KernelTranslator.Cell(request, ExecuteRequest(code: "1")), id: id, evaluations: [])
        }
        if begun, let first = ids.first { _ = take(&translator, [.executionStarted(first, code: "1")]) }
        _ = translator.lost()
        return translator
    }

    private func take(_ translator: inout KernelTranslator, _ kinds: [SessionEvent.Kind], at sequence: Int64 = 100)
        -> [KernelTranslator.Draft]
    {
        kinds.flatMap { translator.take(SessionEvent(sequence: sequence, epoch: 1, time: 0, kind: $0)) }
    }

    /// Who was told of a cell's end, and how: the line, and the name of the error or `ok`.
    private func replies(_ drafts: [KernelTranslator.Draft]) throws -> [String] {
        try drafts.filter { $0.type == "execute_reply" }.map { draft in
            let content = try #require(try JSONSerialization.jsonObject(with: Data(draft.content)) as? [String: Any])
            return "\(draft.line ?? -1) \(content["ename"] as? String ?? content["status"] as? String ?? "")"
        }
    }

    private func output(_ id: String, isBackground: Bool = false) -> SessionEvent.Kind {
        .output(id, .stdout, OutputText(Array("x".utf8)), isBackground: isBackground)
    }

    private func finished(_ id: String) -> SessionEvent.Kind {
        .executionFinished(id, .ok, seconds: 0, CellUsage(), nil)
    }

    @Test("The cell that runs goes on; whoever waits for it is told of the loss, and hears of its end")
    func running() throws {
        var translator = behindGap(["e1", "e2"], begun: true)
        let note = translator.lost()
        #expect(note.map(\.type) == ["stream"] && translator.openCells == 2)
        #expect(try replies(take(&translator, [output("e1")])).isEmpty && translator.openCells == 2)
        #expect(try replies(take(&translator, [finished("e1")])) == ["1 ok"])
    }

    @Test("Cells before the one that runs have ended, nobody knows how; those behind it have not begun")
    func ended() throws {
        var translator = behindGap(["e9", "e10", "e11"])
        let found = take(&translator, [output("e10"), finished("e10")])
        #expect(try replies(found) == ["1 EventsLost", "2 ok"])
        #expect(translator.openCells == 1 && translator.count == 1)
        #expect(try replies(take(&translator, [.executionStarted("e11", code: "1"), finished("e11")])) == ["3 ok"])
    }

    @Test("An idle session has none left, but for those that it was given later")
    func idle() throws {
        var translator = behindGap(["e1"])
        var later = KernelTranslator.Cell(.init(line: 5, parent: Array("{}".utf8)), ExecuteRequest(code: "1"))
        later.since = 101
        translator.add(later, id: "e2", evaluations: [])
        #expect(try replies(take(&translator, [.state(.idle)])) == ["1 EventsLost"])
        #expect(translator.openCells == 1)
    }

    @Test("What comes between cells says nothing; the end of the session says that of all")
    func others() throws {
        var translator = behindGap(["e1", "e2"])
        #expect(
            take(&translator, [output("e1", isBackground: true), .state(.busy)]).allSatisfy { $0.type == "stream" })
        #expect(translator.openCells == 2)
        let end = SessionEvent.Kind.ended(SessionEnd(verdict: "closed", reason: "r"))
        #expect(try replies(take(&translator, [end])) == ["1 EventsLost", "2 EventsLost"])
    }

    @Test("Another session in the place of one that ended: nobody hears of its cells any more")
    func successor() throws {
        var translator = behindGap(["e1"])
        #expect(try replies(translator.giveUp()) == ["1 EventsLost"] && translator.openCells == 0)
    }
}
