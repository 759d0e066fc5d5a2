import RunModel
import SessionModel
import Testing

@Suite struct CellOutcomeTests {
    private func output(_ stream: OutputStream, _ text: String) -> SessionEvent {
        SessionEvent(
            sequence: 1, epoch: 1, time: 0,
            kind: .output("e1", stream, OutputText(Array(text.utf8)), isBackground: false))
    }

    @Test func piecesOfOneStreamInARowAreOne() {
        var outcome = CellOutcome(executionID: "e1")
        for (stream, text) in [(OutputStream.stdout, "a"), (.stdout, "b"), (.stderr, "c"), (.stdout, "d")] {
            let isLast = outcome.take(output(stream, text))
            #expect(!isLast)
        }
        #expect(outcome.outputs.map(\.text.lossyText) == ["ab", "c", "d"] && !outcome.isPartial)
    }

    @Test func aCellThatGoesBackAndForthHasABoundedNumberOfPieces() {
        var outcome = CellOutcome(executionID: "e1")
        for index in 0..<40_000 { _ = outcome.take(output(index % 2 == 0 ? .stdout : .stderr, "x")) }
        #expect(outcome.outputs.count <= 16_384 && outcome.isPartial)
    }
}
