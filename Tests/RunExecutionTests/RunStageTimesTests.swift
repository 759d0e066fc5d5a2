import Testing

@testable import RunExecution

@Suite("Times of the stages of a run")
struct RunStageTimesTests {
    @Test(
        "each stage has the time between its beginning and that of the next; the last one lasts until it is asked for")
    func stages() {
        var times = RunStageTimes(now: 100)
        times.enter(.starting, now: 110)
        times.leased(now: 130)
        times.enter(.running, now: 160)
        times.enter(.draining, now: 200)
        let sums = times.until(250)
        #expect(RunStageTimes.Stage.allCases.map { sums[$0] } == [10, 20, 30, 40, nil, 50])
        #expect(times.until(260)[.stream] == 60)
    }

    @Test("two steps count together, and a run that is told to end stays so until its next step")
    func steps() {
        var times = RunStageTimes(now: 0)
        for start: Int64 in [0, 100] {
            times.enter(.starting, now: start + 10)
            times.leased(now: start + 20)
            times.enter(.running, now: start + 30)
            times.enter(.draining, now: start + 60)
        }
        #expect(times.until(200)[.run] == 60 && times.until(200)[.lease] == 20)
        // Without a lease that it waits for, a sandbox begins no stage.
        times.leased(now: 210)
        #expect(times.until(220)[.stream] == 110)
    }

    @Test("a clock that goes back takes nothing away")
    func clock() {
        var times = RunStageTimes(now: 100)
        times.enter(.starting, now: 50)
        #expect(times.until(60)[.queue] == 0 && times.until(60)[.lease] == 10)
    }

    @Test("a run's control keeps them: a run that is cancelled in its sandbox finishes")
    func control() {
        let clock = Clock()
        let control = RunControl(now: { clock.now })
        clock.now = 5
        control.enter(.starting)
        clock.now = 9
        control.enter(.finishing)
        control.enter(.running)
        clock.now = 12
        let times = control.stageTimes
        #expect(times[.queue] == 5 && times[.lease] == 4 && times[.finish] == 3 && times[.run] == nil)
    }

    private final class Clock: @unchecked Sendable {
        var now: Int64 = 0
    }
}
