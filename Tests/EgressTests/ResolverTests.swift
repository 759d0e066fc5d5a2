import EgressRules
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Egress

/// A name server that says nothing about some names until it is told to.
private final class SlowNames: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    let asked = Mutex<[String]>([])

    func resolver(threads: Int = 4, waitingPerClient: Int = 16) -> SystemResolver {
        SystemResolver(threads: threads, perClient: 2, waiting: 64, waitingPerClient: waitingPerClient) { name in
            self.asked.withLock { $0.append(name) }
            if name.hasPrefix("slow") {
                self.gate.wait()
                self.gate.signal()
            }
            return [IPAddress("192.0.2.1")].compactMap(\.self)
        }
    }

    func answer() { gate.signal() }
}

@Suite("Names of many sandboxes", .timeLimit(.minutes(1)))
struct ResolverTests {
    @Test("a sandbox whose names are slow holds up its own names, and not those of another") func share() async throws {
        let names = SlowNames()
        let resolver = names.resolver()
        let slow = Mutex(0)
        for number in 0..<10 {
            resolver.resolve("slow\(number).example.org", for: 1) { found in
                slow.withLock { $0 += found == nil ? 0 : 1 }
            }
        }
        let quick = Mutex(0)
        for client in 2..<8 as Range<UInt64> {
            resolver.resolve("quick.example.org", for: client) { _ in quick.withLock { $0 += 1 } }
        }
        // With one queue for all, these would wait behind the slow ones for ever.
        #expect(await eventually { quick.withLock { $0 } == 6 })
        #expect(names.asked.withLock { $0.count { $0.hasPrefix("slow") } } == 2)
        names.answer()
        #expect(await eventually { slow.withLock { $0 } == 10 })
    }

    @Test("a sandbox has so many names that wait, and no more; they go with it") func bound() async throws {
        let names = SlowNames()
        let resolver = names.resolver(waitingPerClient: 3)
        let refused = Mutex(0)
        let answered = Mutex(0)
        for number in 0..<20 {
            resolver.resolve("slow\(number).example.org", for: 1) { found in
                if found == nil { refused.withLock { $0 += 1 } } else { answered.withLock { $0 += 1 } }
            }
            // The first two are with the system, so that exactly three wait.
            if number < 2 { #expect(await eventually { names.asked.withLock { $0.count } == number + 1 }) }
        }
        #expect(refused.withLock { $0 } == 15)
        resolver.forget(1)
        #expect(refused.withLock { $0 } == 18)
        names.answer()
        #expect(await eventually { answered.withLock { $0 } == 2 })
    }

    @Test("every client has its turn, in order; none has more than its share at once") func turns() {
        var turns = FairTurns<Int>(atOnce: 2, waiting: 100, waitingPerClient: 10)
        let added = (0...10).map { turns.add($0, of: 1) }
        #expect(added == Array(repeating: true, count: 10) + [false])
        for item in 0..<3 { _ = turns.add(100 + item, of: 2) }
        var seen: [Int] = []
        while let next = turns.next() { seen.append(next.item) }
        #expect(seen == [0, 100, 1, 101] && !turns.isDue)
        turns.finished(1)
        turns.finished(2)
        while let next = turns.next() { seen.append(next.item) }
        #expect(seen == [0, 100, 1, 101, 2, 102])
        let left = turns.remove(1)
        let others = turns.removeAll()
        #expect(left == [3, 4, 5, 6, 7, 8, 9] && others == [])
        for client in [1, 1, 2, 2] as [UInt64] { turns.finished(client) }
        let isTaken = turns.add(7, of: 1)
        let next = turns.next()
        #expect(isTaken && next?.item == 7)
    }
}
