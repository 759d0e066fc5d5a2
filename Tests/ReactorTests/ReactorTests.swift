import Glibc
import LinuxSystem
import Reactor
import Synchronization
import TestSupport
import Testing

@Suite("Reactors")
struct ReactorTests {
    @Test("tell each member of its own descriptors, as often as there is something")
    func severalMembers() async throws {
        let reactor = try Reactor()
        let readers = try (0..<5).map { _ in try PipeReader(on: reactor) }
        for (index, reader) in readers.enumerated() { reader.write("\(index)") }
        #expect(await eventually { readers.map(\.text) == ["0", "1", "2", "3", "4"] })
        // More than one reading takes: what is left is reported again.
        readers[3].write(String(repeating: "y", count: 50))
        #expect(await eventually { readers[3].text.count == 51 })
        #expect(readers[0].text == "0")
        for reader in readers { reader.writer.close() }
        #expect(await eventually { readers.allSatisfy(\.hasEnded) })
    }

    @Test("give a member that asks for nothing its turns when it is woken, and no others")
    func idleMember() async throws {
        let reactor = try Reactor()
        let turns = Mutex(0)
        let id = reactor.newID()
        reactor.add(id) {
            ScriptedMember { ready in
                turns.withLock { turns in
                    #expect(ready.isEmpty)
                    turns += 1
                    return turns < 4 ? ReactorInterest() : nil
                }
            }
        }
        #expect(await eventually { turns.withLock { $0 } == 1 })
        let other = try PipeReader(on: reactor)
        other.write("a")
        #expect(await eventually { other.text == "a" })
        #expect(turns.withLock { $0 } == 1)
        reactor.wake(id)
        #expect(await eventually { turns.withLock { $0 } == 2 })
        reactor.wake(id)
        #expect(await eventually { turns.withLock { $0 } == 3 })
        // Ends itself; what wakes it later does nothing.
        for _ in 0..<10 { reactor.wake(id) }
        other.write("X")
        #expect(await eventually { other.hasEnded })
        #expect(turns.withLock { $0 } == 4)
    }

    @Test("forget a member that has ended, and go on with the others")
    func removal() async throws {
        let reactor = try Reactor()
        let one = try PipeReader(on: reactor)
        let other = try PipeReader(on: reactor)
        one.write("aX")
        #expect(await eventually { one.hasEnded })
        let turns = one.turnCount
        one.write("b")
        reactor.wake(one.id)
        other.write("c")
        #expect(await eventually { other.text == "c" })
        #expect(one.text == "aX")
        #expect(one.turnCount == turns)
        other.write("X")
        #expect(await eventually { other.hasEnded })
    }

    @Test("give a turn once a deadline has come, and immediately when it has passed")
    func deadlines() async throws {
        let reactor = try Reactor()
        let order = Mutex<[String]>([])
        func add(_ name: String, after nanoseconds: Int64) {
            let moment = monotonicNow() + nanoseconds
            reactor.add(reactor.newID()) {
                var isFirst = true
                return ScriptedMember { _ in
                    guard isFirst else {
                        #expect(monotonicNow() >= moment)
                        order.withLock { $0.append(name) }
                        return nil
                    }
                    isFirst = false
                    var interest = ReactorInterest()
                    interest.wake(at: .max)
                    interest.wake(at: moment)
                    return interest
                }
            }
        }
        add("third", after: 60_000_000)
        add("second", after: 20_000_000)
        add("first", after: -1_000_000)
        #expect(await eventually { order.withLock { $0.count } == 3 })
        #expect(order.withLock { $0 } == ["first", "second", "third"])
    }

    @Test("take no deadline for one that is further off than the clock goes")
    func endOfTime() async throws {
        let reactor = try Reactor()
        let turns = Mutex(0)
        for moment in [Int64.max, .min] {
            reactor.add(reactor.newID()) {
                ScriptedMember { _ in
                    turns.withLock { $0 += 1 }
                    var interest = ReactorInterest()
                    interest.wake(at: moment)
                    // One of them has another turn, and ends then.
                    return turns.withLock { $0 } < 3 ? interest : nil
                }
            }
        }
        #expect(await eventually { turns.withLock { $0 } == 3 })
    }

    @Test("lose no waking from another thread")
    func wakings() async throws {
        let reactor = try Reactor()
        let (threads, count) = (4, 2000)
        let posted = Mutex(0)
        let seen = Atomic<Int>(0)
        let id = reactor.newID()
        reactor.add(id) {
            ScriptedMember { _ in
                let new = posted.withLock { posted in
                    defer { posted = 0 }
                    return posted
                }
                seen.add(new, ordering: .relaxed)
                return seen.load(ordering: .relaxed) < threads * count ? ReactorInterest() : nil
            }
        }
        for _ in 0..<threads {
            try DetachedThread.start {
                for _ in 0..<count {
                    posted.withLock { $0 += 1 }
                    reactor.wake(id)
                }
            }
        }
        #expect(await eventually { seen.load(ordering: .relaxed) == threads * count })
    }

    @Test("look at descriptors also while members keep waking each other")
    func fairness() async throws {
        let reactor = try Reactor()
        let ids = [reactor.newID(), reactor.newID()]
        let isOver = Atomic<Bool>(false)
        for (own, other) in [(0, 1), (1, 0)] {
            reactor.add(ids[own]) {
                ScriptedMember { _ in
                    #expect(reactor.isCurrent)
                    reactor.wake(ids[other])
                    return isOver.load(ordering: .relaxed) ? nil : ReactorInterest()
                }
            }
        }
        let reader = try PipeReader(on: reactor)
        reader.write("aX")
        #expect(await eventually { reader.hasEnded })
        isOver.store(true, ordering: .relaxed)
        #expect(!reactor.isCurrent)
    }

    @Test("serve thousands of members")
    func thousands() async throws {
        let reactor = try Reactor()
        let count = 5000
        let ended = Atomic<Int>(0)
        let ids = (0..<count).map { _ in reactor.newID() }
        for (index, id) in ids.enumerated() {
            reactor.add(id) {
                var turns = 0
                return ScriptedMember { _ in
                    turns += 1
                    if turns == 3 {
                        ended.add(1, ordering: .relaxed)
                        return nil
                    }
                    var interest = ReactorInterest()
                    if turns == 1 { interest.wake(at: monotonicNow() + Int64(index % 50) * 1_000_000) }
                    return interest
                }
            }
        }
        // Each has had its deadline or this waking, whichever came first, and has one of both left.
        for id in ids { reactor.wake(id) }
        #expect(
            await eventually {
                for id in ids { reactor.wake(id) }
                return ended.load(ordering: .relaxed) == count
            })
    }

    @Test("end their thread with the last reference and the last member")
    func end() async throws {
        var reactor: Reactor? = try Reactor()
        let core = WeakCore(try #require(reactor))
        let kept = Mutex<PipeReader?>(try PipeReader(on: try #require(reactor)))
        reactor = nil
        // The member holds the reactor, as members do that are woken.
        kept.withLock { $0 }?.write("a")
        #expect(await eventually { kept.withLock { $0 }?.text == "a" })
        #expect(!core.isGone)
        kept.withLock { $0 }?.write("X")
        kept.withLock { $0 = nil }
        #expect(await eventually { core.isGone })
    }
}
