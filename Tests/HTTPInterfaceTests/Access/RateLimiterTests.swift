import TestSupport
import Testing

@testable import HTTPInterface

@Suite("Rate limiter")
struct RateLimiterTests {
    private static let second: Int64 = 1_000_000_000

    @Test("A burst is let through, and then no more")
    func burst() {
        let limiter = RateLimiter(perMinute: 60, burst: 3)
        for left in [2, 1, 0] {
            let decision = limiter.take("a", now: 5)
            #expect(decision.isAllowed)
            #expect(decision.limit == 3)
            #expect(decision.remaining == left)
            #expect(decision.retryAfterSeconds == 0)
            #expect(decision.resetSeconds == 3 - left)
        }
        let refused = limiter.take("a", now: 5)
        #expect(
            refused
                == RateDecision(isAllowed: false, limit: 3, remaining: 0, resetSeconds: 3, retryAfterSeconds: 1))
    }

    @Test("Tokens come back at the rate")
    func refill() {
        let limiter = RateLimiter(perMinute: 60, burst: 2)
        #expect(limiter.take("a", now: 0).isAllowed)
        #expect(limiter.take("a", now: 0).isAllowed)
        #expect(!limiter.take("a", now: Self.second / 2).isAllowed)
        #expect(limiter.take("a", now: Self.second).isAllowed)
        #expect(!limiter.take("a", now: Self.second).isAllowed)
        #expect(limiter.take("a", now: 100 * Self.second).remaining == 1)
    }

    @Test("One name's use is not another's")
    func separate() {
        let limiter = RateLimiter(perMinute: 1, burst: 1)
        #expect(limiter.take("a", now: 0).isAllowed)
        #expect(!limiter.take("a", now: 0).isAllowed)
        #expect(limiter.take("b", now: 0).isAllowed)
    }

    @Test("A name's own rate holds for it alone")
    func ownRate() {
        let limiter = RateLimiter(perMinute: 1, burst: 1)
        #expect(limiter.take("fast", now: 0, perMinute: 600).isAllowed)
        #expect(limiter.take("slow", now: 0).isAllowed)
        #expect(limiter.take("fast", now: Self.second / 10, perMinute: 600).isAllowed)
        #expect(!limiter.take("slow", now: Self.second / 10).isAllowed)
    }

    @Test("Whoever waits as long as told is let in", arguments: [1, 7, 13, 59, 60, 61, 600, 100_000])
    func retryAfter(perMinute: Int) {
        var random = RandomText(seed: UInt64(perMinute))
        let limiter = RateLimiter(perMinute: perMinute, burst: 2)
        var now: Int64 = 0
        for _ in 0..<300 {
            now += Int64(random.below(1_700_000_003))
            let decision = limiter.take("a", now: now)
            guard !decision.isAllowed else { continue }
            #expect(decision.retryAfterSeconds >= 1)
            now += Int64(decision.retryAfterSeconds) * Self.second
            #expect(limiter.take("a", now: now).isAllowed, "after \(decision.retryAfterSeconds) s")
        }
    }

    @Test("A bucket is full when it was said to be", arguments: [1, 7, 60, 1000])
    func reset(perMinute: Int) {
        var random = RandomText(seed: 9)
        let limiter = RateLimiter(perMinute: perMinute, burst: 5)
        var now: Int64 = 0
        for _ in 0..<100 {
            var decision = limiter.take("a", now: now)
            for _ in 0..<random.below(6) {
                now += Int64(random.below(900_000_000))
                decision = limiter.take("a", now: now)
            }
            now += Int64(decision.resetSeconds) * Self.second
            #expect(limiter.take("a", now: now).remaining == 4)
        }
    }

    @Test("Asking all the time costs nobody what is due", arguments: [7, 59, 61, 90, 119, 250])
    func hammering(milliseconds: Int64) {
        let limiter = RateLimiter(perMinute: 1, burst: 1)
        var allowed = 0
        for now in stride(from: 0, through: 1200 * Self.second, by: Int64.Stride(milliseconds * 1_000_000)) {
            if limiter.take("a", now: now).isAllowed { allowed += 1 }
        }
        // One at first, then one a minute.
        #expect((20...21).contains(allowed))
    }

    @Test("A long pause gives what its time gives, and never more than a full bucket")
    func pause() {
        let limiter = RateLimiter(perMinute: 1, burst: 200)
        for _ in 0..<200 { #expect(limiter.take("a", now: 0).isAllowed) }
        #expect(limiter.take("a", now: 3700 * Self.second).remaining == 60)
        #expect(limiter.take("a", now: 1_000_000 * Self.second).remaining == 199)
    }

    @Test("Nobody gets more than burst and rate allow, whatever the pattern")
    func bound() {
        var random = RandomText(seed: 77)
        for _ in 0..<40 {
            let (perMinute, burst) = (1 + random.below(2000), 1 + random.below(50))
            let limiter = RateLimiter(perMinute: perMinute, burst: burst)
            var now: Int64 = 0
            var allowed = 0
            for _ in 0..<400 {
                now += Int64(random.below(3)) * Int64(random.below(2_000_000_000))
                let decision = limiter.take("a", now: now)
                if decision.isAllowed { allowed += 1 }
                #expect((0..<burst).contains(decision.remaining))
                #expect(decision.isAllowed == (decision.retryAfterSeconds == 0))
                #expect(decision.resetSeconds >= 0)
            }
            let most = Double(burst) + Double(now) / 60e9 * Double(perMinute)
            #expect(Double(allowed) <= most + 0.001)
        }
    }

    @Test("A clock that goes back gives nothing and breaks nothing")
    func backwards() {
        let limiter = RateLimiter(perMinute: 60, burst: 1)
        #expect(limiter.take("a", now: 10 * Self.second).isAllowed)
        #expect(!limiter.take("a", now: 0).isAllowed)
        #expect(!limiter.take("a", now: -5 * Self.second).isAllowed)
        #expect(limiter.take("a", now: 12 * Self.second).isAllowed)
    }

    @Test("Settings without sense are brought into range", arguments: [Int.min, -1, 0, 1, Int.max])
    func extremes(value: Int) {
        let limiter = RateLimiter(perMinute: value, burst: value, maximumKeys: value)
        for now in [0, 1, Self.second, Int64.max / 2] {
            let decision = limiter.take("a", now: now, perMinute: value)
            #expect(decision.limit >= 1)
            #expect(decision.resetSeconds >= 0)
        }
    }

    @Test("Full buckets are forgotten before busy ones")
    func forgets() {
        let limiter = RateLimiter(perMinute: 60, burst: 10, maximumKeys: 100)
        for _ in 0..<10 { _ = limiter.take("busy", now: 0) }
        for index in 0..<99 { _ = limiter.take("idle \(index)", now: 0) }
        // All but the busy one are full again by now.
        for index in 0..<40 { _ = limiter.take("new \(index)", now: 2 * Self.second) }
        #expect(limiter.take("busy", now: 2 * Self.second).remaining == 1)
    }

    @Test("A crowd of new names is served quickly, even when one bucket fills up with every name that comes")
    func crowd() {
        let keys = 10_000
        let limiter = RateLimiter(perMinute: 60, burst: 1, maximumKeys: keys)
        let start = ContinuousClock.now
        // A bucket is full again after a second, so every 100 microseconds one of ten thousand is.
        for index in 0..<60_000 {
            #expect(limiter.take("\(index)", now: Int64(index) * 100_001).isAllowed)
        }
        // A walk through the whole table for each name would take minutes.
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("Takers in parallel share one bucket")
    func parallel() async {
        let limiter = RateLimiter(perMinute: 1, burst: 500)
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).count { _ in limiter.take("a", now: 0).isAllowed } }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 500)
    }
}
