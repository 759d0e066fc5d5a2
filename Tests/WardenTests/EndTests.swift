import Testing

@testable import Warden

@Suite("Ends")
struct EndTests {
    private static let millisecond: Int64 = 1_000_000

    @Test("however many are to end, no 64 end within less than 50 ms")
    func brake() {
        var brake = EndBrake<Int>()
        brake.endEverything()
        for index in 0..<1000 { brake.add(index, isUrgent: index % 7 == 0) }
        var times: [Int64] = []
        var seen: Set<Int> = []
        var now: Int64 = 5_000_000_000
        while let deadline = brake.deadline {
            now = max(now, deadline)
            for index in brake.take(at: now) {
                times.append(now)
                let isNew = seen.insert(index).inserted
                #expect(isNew)
            }
        }
        #expect(seen.count == 1000)
        for index in 64..<times.count { #expect(times[index] - times[index - 64] >= 50 * Self.millisecond) }
        #expect(now - 5_000_000_000 <= 16 * 50 * Self.millisecond, "nor more slowly than that")
    }

    @Test("what uses up what it may not goes first, and always has room")
    func urgency() {
        var brake = EndBrake<String>()
        let now: Int64 = 1
        for index in 0..<100 { brake.add("parked \(index)", isUrgent: false) }
        let answer1 = brake.take(at: now)
        #expect(answer1.count == 48)
        brake.add("running", isUrgent: true)
        let answer2 = brake.take(at: now)
        #expect(answer2 == ["running"])
        let answer3 = brake.take(at: now + 49 * Self.millisecond)
        #expect(answer3.isEmpty)
        #expect(brake.deadline == now + 50 * Self.millisecond)
        let answer4 = brake.take(at: now + 50 * Self.millisecond)
        #expect(answer4.first == "parked 48")
    }

    @Test("those that end by themselves count")
    func natural() {
        var brake = EndBrake<Int>()
        for _ in 0..<64 { brake.note(at: 100) }
        brake.add(0, isUrgent: false)
        let answer5 = brake.take(at: 101)
        #expect(answer5.isEmpty)
        #expect(brake.deadline == 100 + 50 * Self.millisecond)
        // They do not hold up the end of what uses up what it may not.
        for index in 1...17 { brake.add(index, isUrgent: true) }
        let urgent = brake.take(at: 102)
        #expect(urgent == Array(1...16))
        let none = brake.take(at: 103)
        #expect(none.isEmpty)
        let answer6 = brake.take(at: 100 + 50 * Self.millisecond)
        #expect(answer6 == [17, 0])
        #expect(brake.deadline == nil)
    }

    @Test("numbers are the lowest that are free, so that no lot has more than its size")
    func slots() {
        var slots = EndSlots()
        let first = (0..<200).map { _ in slots.take() }
        #expect(first == (0..<200).map(UInt32.init))
        for slot in [UInt32(130), 3, 64, 199] { slots.giveBack(slot) }
        let again = (0..<5).map { _ in slots.take() }
        #expect(again == [3, 64, 130, 199, 200])
        // Nobody's number is no harm.
        slots.giveBack(.max)
    }

    @Test("one that counts as several has as many numbers, all in one lot, and as much of the brake")
    func weights() {
        var slots = EndSlots()
        #expect(slots.take() == 0)
        let heavy = (0..<4).map { _ in slots.take(16) }
        #expect(heavy == [16, 32, 48, 64])
        #expect((0..<16).map { _ in slots.take() } == Array(1...15) + [80])
        slots.giveBack(32, 16)
        #expect(slots.take() == 32 && slots.take(16) == 96)

        var brake = EndBrake<Int>()
        brake.endEverything()
        for index in 0..<100 { brake.add(index, isUrgent: index % 3 == 0, weight: index % 2 == 0 ? 16 : 1) }
        var ends: [(at: Int64, weight: Int)] = []
        var now: Int64 = 5_000_000_000
        while let deadline = brake.deadline {
            now = max(now, deadline)
            let taken = brake.take(at: now)
            #expect(!taken.isEmpty, "at its own deadline it lets somebody go")
            ends += taken.map { (now, $0 % 2 == 0 ? 16 : 1) }
        }
        #expect(ends.count == 100)
        for end in ends {
            let lot = ends.filter { end.at..<end.at + 50 * Self.millisecond ~= $0.at }
            #expect(lot.reduce(0) { $0 + $1.weight } <= 64)
        }
    }

    @Test("after a stall everybody is heard before a clock is judged by")
    func stall() {
        var stall = StallClock()
        let second: Int64 = 1_000_000_000
        let answer7 = stall.mayJudge(due: nil, at: 5 * second)
        #expect(answer7)
        let answer8 = stall.mayJudge(due: 5 * second, at: 5 * second + 900 * Self.millisecond)
        #expect(answer8)
        let answer9 = stall.mayJudge(due: 6 * second, at: 16 * second)
        #expect(!answer9)
        #expect(stall.postponed(6 * second) == 16 * second + StallClock.grace)
        #expect(stall.postponed(nil) == nil)
        let answer10 = stall.mayJudge(due: 6 * second, at: 16 * second + StallClock.grace - 1)
        #expect(!answer10)
        let answer11 = stall.mayJudge(due: 16 * second + StallClock.grace, at: 16 * second + StallClock.grace)
        #expect(answer11)
        #expect(stall.postponed(20 * second) == 20 * second)
    }

    @Test("a machine that is always late still has limits")
    func alwaysLate() {
        var stall = StallClock()
        let second: Int64 = 1_000_000_000
        let answers = (0..<8).map { turn in stall.mayJudge(due: turn * 10 * second, at: turn * 10 * second + 5 * second)
        }
        #expect(answers == [false, false, false, true, false, false, false, true])
    }
}
