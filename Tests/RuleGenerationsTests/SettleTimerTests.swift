import RuleGenerations
import Testing

@Suite("When changed files are read")
struct SettleTimerTests {
    private let ms: Int64 = 1_000_000

    @Test("after 200 ms without a change, and not before")
    func quiet() {
        var timer = SettleTimer()
        #expect(!timer.isDue(at: 0) && !timer.isWaiting)
        timer.touch(at: 100 * ms)
        timer.touch(at: 250 * ms)
        #expect(timer.isWaiting)
        #expect(!timer.isDue(at: 449 * ms))
        #expect(timer.isDue(at: 450 * ms))
        timer.begin()
        #expect(!timer.isDue(at: 10_000 * ms) && !timer.isWaiting)
    }

    @Test("1,000 changes a second are read every three seconds, and are read at last when they end")
    func busy() {
        var timer = SettleTimer()
        var reads: [Int64] = []
        for time in 0...10_000 {
            timer.touch(at: Int64(time) * ms)
            if timer.isDue(at: Int64(time) * ms) {
                reads.append(Int64(time))
                timer.begin()
            }
        }
        #expect(reads == [3000, 6001, 9002])
        #expect(timer.isDue(at: 10_200 * ms))
    }

    @Test("a clock that stands still or reports an older time makes nothing due early")
    func oddClock() {
        var timer = SettleTimer()
        timer.touch(at: 500 * ms)
        timer.touch(at: 400 * ms)
        #expect(!timer.isDue(at: 400 * ms))
        #expect(!timer.isDue(at: 699 * ms))
        #expect(timer.isDue(at: 700 * ms))
    }
}
