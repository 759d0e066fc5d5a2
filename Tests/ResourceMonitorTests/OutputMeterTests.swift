import SandboxSpec
import Testing

@Suite struct OutputMeterTests {
    @Test func exactlyTheLimitIsAllowed() {
        var meter = OutputMeter(limit: 10, warnAt: 80)
        let first = meter.take(7)
        #expect(first.forward == 7 && first.warning == nil && first.exceeded == nil)
        let second = meter.take(3)
        #expect(second.forward == 3 && second.exceeded == nil)
        #expect(second.warning == LimitHit(name: .output, used: 10, allowed: 10))
        let third = meter.take(1)
        #expect(third.forward == 0 && third.warning == nil)
        #expect(third.exceeded == LimitHit(name: .output, used: 11, allowed: 10))
        let fourth = meter.take(5)
        #expect(fourth.forward == 0 && fourth.exceeded == nil, "said once")
        #expect(meter.total == 16 && meter.isExceeded)
    }

    @Test func thePartThatFitsIsPassedOn() {
        var meter = OutputMeter(limit: 10, warnAt: 80)
        let portion = meter.take(25)
        #expect(portion.forward == 10 && portion.warning == nil)
        #expect(portion.exceeded == LimitHit(name: .output, used: 25, allowed: 10))
    }

    @Test func extremesAreHarmless() {
        for limit in [Int64.min, -1, 0, 1, .max] {
            for count in [Int.min, -1, 0, 1, .max] {
                var meter = OutputMeter(limit: limit, warnAt: 255)
                for _ in 0..<3 {
                    let portion = meter.take(count)
                    #expect(portion.forward >= 0 && portion.forward <= max(0, count))
                }
                #expect(meter.total >= 0)
            }
        }
    }

    @Test func silenceIsNotWarnedAbout() {
        var meter = OutputMeter(limit: 0, warnAt: 1)
        #expect(meter.take(0).warning == nil)
        #expect(meter.take(1).exceeded?.used == 1)
    }
}
