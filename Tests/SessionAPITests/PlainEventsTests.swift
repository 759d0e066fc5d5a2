import Foundation
import RunModel
import SessionModel
import Testing

@testable import SessionAPI
@testable import SessionService

@Suite("The plain dialect")
struct PlainEventsTests {
    private let id = SessionID()

    private func messages(_ kinds: [SessionEvent.Kind]) throws -> [[String: Any]] {
        var plain = PlainEvents()
        return try kinds.enumerated().flatMap { index, kind in
            let event = SessionEvent(sequence: Int64(index + 1), epoch: 1, time: 0, kind: kind)
            return try plain.messages(LoggedSessionEvent(event: event, json: event.json(session: id))).map {
                try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
            }
        }
    }

    private func types(_ kinds: [SessionEvent.Kind]) throws -> [String] {
        try messages(kinds).map { $0["type"] as? String ?? "" }
    }

    private func finished(_ status: CellStatus) -> SessionEvent.Kind {
        .executionFinished("e1", status, seconds: 0.5, CellUsage(), nil)
    }

    private let output = SessionEvent.Kind.output("e1", .stdout, OutputText(Array("x".utf8)), isBackground: false)

    @Test("a result comes behind all output, also output that comes late")
    func order() throws {
        let kinds: [SessionEvent.Kind] = [
            .executionStarted("e1", code: "x"), .result("e1", CellValue(repr: "1"), seconds: 0.1), output,
            finished(.ok),
        ]
        #expect(try types(kinds) == ["execution_started", "output", "result", "execution_finished"])
    }

    @Test("each cell has one result or error, also one that has told neither")
    func oneAnswer() throws {
        let plain = try messages([output, finished(.ok), output, finished(.interrupted)])
        #expect(
            plain.map { $0["type"] as? String } == [
                "output", "result", "execution_finished", "output", "error", "execution_finished",
            ])
        #expect(
            plain[1]["value"] is NSNull && plain[1]["repr"] as? String == ""
                && plain[1]["execution_time"] as? Double == 0.5)
        #expect(plain[4]["exception"] as? String == "Interrupted" && plain[4]["execution_id"] as? String == "e1")
        let error = SessionEvent.Kind.error("e1", CellError(exception: "E", message: "m", traceback: []))
        #expect(
            try types([.result("e1", CellValue(repr: "1"), seconds: 0.1), error, finished(.error)]) == [
                "error", "execution_finished",
            ])
    }

    @Test("a cell whose session ends has told what it had to tell")
    func sessionEnds() throws {
        let error = SessionEvent.Kind.error("e1", CellError(exception: "E", message: "m", traceback: []))
        #expect(try types([error, .ended(SessionEnd(verdict: "closed", reason: "r"))]) == ["error", "ended"])
        #expect(try types([.ended(SessionEnd(verdict: "closed", reason: "r"))]) == ["ended"])
    }

    @Test("the events of one cell, up to its last one or the end of the session")
    func selection() {
        func event(_ kind: SessionEvent.Kind) -> SessionEvent {
            SessionEvent(sequence: 1, epoch: 1, time: 0, kind: kind)
        }
        let cell = CellSelection("e1")
        #expect(!cell.takes(event(.executionStarted("e0", code: ""))))
        #expect(cell.takes(event(output)) && !cell.isOver)
        #expect(cell.takes(event(finished(.ok))) && cell.isOver)
        #expect(!cell.takes(event(output)))
        let ended = CellSelection("e1")
        #expect(ended.takes(event(.ended(SessionEnd(verdict: "closed", reason: "r")))) && ended.isOver)
        #expect(CellSelection(nil).takes(event(.state(.idle))))
    }
}
