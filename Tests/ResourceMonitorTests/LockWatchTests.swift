import ResourceMonitor
import Testing

@Suite struct LockWatchTests {
    @Test func readsTheKernelsCount() {
        #expect(LockWatch.count(in: Array("60039 N0=60039\n".utf8)) == 60_039)
        #expect(LockWatch.count(in: Array("42\n".utf8)) == 42)
        for text in ["", "\n", "N0=1", "-", "99999999999999999999 N0=1"] {
            #expect(LockWatch.count(in: Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test func countsTheHoldersOfAList() {
        let text = """
            1: FLOCK  ADVISORY  WRITE 17281 fe:00:16220402 0 EOF
            2: POSIX  ADVISORY  WRITE 17229 00:2d:3 2 2
            2: -> POSIX  ADVISORY  WRITE 17230 00:2d:3 2 2
            3: POSIX  ADVISORY  READ 17229 00:2d:3 4 4
            4: OFDLCK ADVISORY  READ -1 00:2d:3 4 4
            5: POSIX  ADVISORY  WRITE 17229 00:
            """
        #expect(LockWatch.holders(in: Array(text.utf8)) == [17281: 1, 17229: 2, 17230: 1])
        #expect(LockWatch.holders(in: []) == [:])
        #expect(LockWatch.holders(in: Array("\n\n: : :\n1: 2 3 4 x 6 7 8\n".utf8)) == [:])
    }

    @Test func asksOnlyWhenThereAreMany() {
        var watch = LockWatch()
        let answers = [0, 8191, 8192, 100_000].map { watch.isAlarming(count: $0) }
        #expect(answers == [false, false, true, true])
    }

    @Test func doesNotAskAgainForWhatIsAlwaysThere() {
        var watch = LockWatch()
        watch.wasInVain(count: 20_000)
        let answers = [20_000, 24_000, 24_096].map { watch.isAlarming(count: $0) }
        #expect(answers == [false, false, true])
        // And is as watchful as before once it is gone.
        watch.wasInVain(count: 24_096)
        let later = [100, 8192].map { watch.isAlarming(count: $0) }
        #expect(later == [false, true])
    }

    @Test func endsWhoHoldsTooMany() {
        #expect(LockWatch.hogs(["a": 2048, "b": 12], isListFull: false).isEmpty)
        #expect(LockWatch.hogs(["a": 2049, "b": 12], isListFull: false).map(\.id) == ["a"])
        #expect(Set(LockWatch.hogs(["a": 5000, "b": 9000, "c": 1], isListFull: true).map(\.id)) == ["a", "b"])
    }

    @Test func endsTheWorstOfManyWhoFillTheList() {
        #expect(LockWatch.hogs(["a": 1500, "b": 1499, "c": 1000], isListFull: true).map(\.id) == ["a"])
        #expect(LockWatch.hogs(["a": 1500, "b": 1499], isListFull: false).isEmpty)
        // Most of the list has no holder that is known.
        #expect(LockWatch.hogs(["a": 1500, "b": 400], listed: 4000, isListFull: true).isEmpty)
        #expect(LockWatch.hogs(["a": 1500, "b": 600], listed: 4000, isListFull: true).map(\.id) == ["a"])
        // A list that is full of locks of the host's own is nobody's fault here.
        #expect(LockWatch.hogs(["a": 30], isListFull: true).isEmpty)
        #expect(LockWatch.hogs([String: Int](), isListFull: true).isEmpty)
    }
}
