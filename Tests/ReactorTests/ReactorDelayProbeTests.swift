import LinuxSystem
import Synchronization
import Testing

@testable import Reactor

@Suite("The delay of a reactor's thread")
struct ReactorDelayProbeTests {
    @Test(
        "is measured once per interval, until it is not wanted any more; a member that holds the thread up shows in it")
    func measures() async throws {
        let reactor = try Reactor()
        let delays = Mutex<[Int64]>([])
        let (done, end) = AsyncStream<Void>.makeStream()
        let probe = reactor.newID()
        reactor.add(probe) {
            ReactorDelayProbe(interval: 20_000_000) { delay in
                let count = delays.withLock { delays in
                    delays.append(delay)
                    return delays.count
                }
                if count == 1 { Blocker.hold(milliseconds: 120) }
                if count == 3 { end.finish() }
                return count < 3
            }
        }
        for await _ in done {}
        // A turn without a cause measures nothing.
        reactor.wake(probe)
        let found = delays.withLock { $0 }
        #expect(found.count == 3 && found.allSatisfy { $0 >= 0 })
    }

    @Test("counts from the moment that was due")
    func late() {
        let delays = Mutex<[Int64]>([])
        let probe = ReactorDelayProbe(interval: 1_000_000) { delay in
            delays.withLock { $0.append(delay) }
            return delays.withLock { $0.count } < 2
        }
        #expect(probe.turn(ready: [])?.deadline != nil)
        Blocker.hold(milliseconds: 30)
        #expect(probe.turn(ready: []) != nil)
        #expect(delays.withLock { $0.first ?? 0 } >= 25_000_000)
        #expect(probe.turn(ready: [])?.deadline != nil)
        Blocker.hold(milliseconds: 5)
        #expect(probe.turn(ready: []) == nil)
    }

    private enum Blocker {
        static func hold(milliseconds: Int64) {
            let end = monotonicNow() + milliseconds * 1_000_000
            while monotonicNow() < end {}
        }
    }
}
