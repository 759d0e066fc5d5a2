import RunModel
import RunService
import Testing

@Suite("Finished runs")
struct FinishedRunsTests {
    private func runs(count: Int = 3, bytes: Int = 1000, age: Int64 = 100) -> FinishedRuns {
        FinishedRuns(bounds: .init(count: count, bytes: bytes, age: age))
    }

    @Test("the oldest goes when there are too many, too much, or when it is too old")
    func bounds() {
        var runs = runs()
        let ids = (0..<6).map { _ in RunID() }
        #expect(runs.add(ids[0], bytes: 10, now: 0) == [])
        #expect(runs.add(ids[1], bytes: 10, now: 1) == [])
        #expect(runs.add(ids[2], bytes: 10, now: 2) == [])
        #expect(runs.add(ids[3], bytes: 10, now: 3) == [ids[0]])
        #expect(runs.add(ids[4], bytes: 985, now: 4) == [ids[1], ids[2]])
        #expect(runs.bytes == 995)
        #expect(runs.purge(now: 103) == [])
        #expect(runs.purge(now: 104) == [ids[3]])
        #expect(runs.purge(now: 1000) == [ids[4]])
        #expect(runs.count == 0)
        #expect(runs.bytes == 0)
    }

    @Test("one run that is larger than everything is not kept")
    func tooLarge() {
        var runs = runs()
        let id = RunID()
        #expect(runs.add(id, bytes: 2000, now: 0) == [id])
    }
}
