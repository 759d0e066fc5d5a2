import Glibc
import LinuxSystem
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// Whether the thread of a reactor still runs: it holds this.
struct WeakCore {
    private weak let core: ReactorCore?

    init(_ reactor: Reactor) { core = reactor.core }

    var isGone: Bool { core == nil }
}

@Suite("What reactors watch")
struct WatchTests {
    /// Adds a member that watches what it is told to, and notes what it is told.
    private final class Watcher: Sendable {
        let wanted: Mutex<[(number: Int32, events: Int16, epoch: Int)]>
        let seen = Mutex<[ReadyDescriptor]>([])
        let turns = Atomic<Int>(0)
        let id: Reactor.MemberID
        let reactor: Reactor

        init(_ reactor: Reactor, _ wanted: [(number: Int32, events: Int16, epoch: Int)] = []) {
            self.wanted = Mutex(wanted)
            self.reactor = reactor
            id = reactor.newID()
            reactor.add(id) { [self] in
                ScriptedMember { ready in
                    self.turns.add(1, ordering: .relaxed)
                    self.seen.withLock { $0 += ready }
                    var interest = ReactorInterest()
                    for (number, events, epoch) in self.wanted.withLock({ $0 }) {
                        interest.watch(number, events, epoch: epoch)
                    }
                    return interest
                }
            }
        }

        /// Returns when it watches these, and has forgotten what it was told before.
        func watch(_ new: [(number: Int32, events: Int16, epoch: Int)]) async {
            wanted.withLock { $0 = new }
            let before = turns.load(ordering: .relaxed)
            reactor.wake(id)
            #expect(await eventually { turns.load(ordering: .relaxed) > before })
            // What it wants counts from the end of that turn; another member's turn comes after it.
            let done = Atomic<Bool>(false)
            reactor.add(reactor.newID()) {
                ScriptedMember { _ in
                    done.store(true, ordering: .relaxed)
                    return nil
                }
            }
            #expect(await eventually { done.load(ordering: .relaxed) })
            seen.withLock { $0 = [] }
        }

        func isTold(_ number: Int32, _ events: Int16) async -> Bool {
            await eventually { seen.withLock { $0.contains { $0.number == number && $0.events & events != 0 } } }
        }
    }

    private let input = Int16(POLLIN)

    @Test("tell events that were asked for, and the end in any case")
    func events() async throws {
        let reactor = try Reactor()
        let pipe = try Pipe.make().shared()
        let watcher = Watcher(reactor, [(pipe.second.number, Int16(POLLOUT), 0)])
        #expect(await watcher.isTold(pipe.second.number, Int16(POLLOUT)))
        await watcher.watch([(pipe.second.number, 0, 0)])
        #expect(watcher.seen.withLock { $0 }.isEmpty)
        pipe.first.close()
        #expect(await watcher.isTold(pipe.second.number, Int16(POLLERR)))
        await watcher.watch([])
    }

    @Test("tell of one descriptor that was named twice what either wants")
    func namedTwice() async throws {
        let reactor = try Reactor()
        let pair = try PacketSocket.pair().shared()
        let number = pair.first.number
        let watcher = Watcher(reactor, [(number, input, 0), (-1, input, 0), (number, Int16(POLLOUT), 0)])
        #expect(await watcher.isTold(number, Int16(POLLOUT)))
        try PacketSocket.send([1], on: pair.second.number, wait: false)
        #expect(await watcher.isTold(number, input))
        await watcher.watch([])
    }

    @Test("watch the next file of a number that was closed, where the epoch says so")
    func reusedNumber() async throws {
        let reactor = try Reactor()
        let first = try Pipe.make().shared()
        let number = first.first.number
        let watcher = Watcher(reactor, [(number, input, 1)])
        _ = write(first.second.number, "a", 1)
        #expect(await watcher.isTold(number, input))
        let second = try Pipe.make().shared()
        // The number stands for the second pipe from now on, and nothing is in that.
        #expect(dup2(second.first.number, number) == number)
        await watcher.watch([(number, input, 2)])
        #expect(watcher.seen.withLock { $0 }.isEmpty)
        _ = write(second.second.number, "b", 1)
        #expect(await watcher.isTold(number, input))
        await watcher.watch([])
    }

    @Test("let a member take a number that another one has closed without a word")
    func takenNumber() async throws {
        let reactor = try Reactor()
        let first = try Pipe.make().shared()
        let number = first.first.number
        let one = Watcher(reactor, [(number, input, 0)])
        await one.watch([(number, input, 0)])
        let second = try Pipe.make().shared()
        #expect(dup2(second.first.number, number) == number)
        let other = Watcher(reactor)
        await other.watch([(number, input, 0)])
        // The first one learns of it only now. The other one's watch is none of its business.
        await one.watch([])
        _ = write(second.second.number, "b", 1)
        #expect(await other.isTold(number, input))
        #expect(one.seen.withLock { $0 }.isEmpty)
        await other.watch([])
    }

    @Test("do not turn for ever because of a file that was closed while a copy of it lives on")
    func survivingCopy() async throws {
        let reactor = try Reactor()
        let pipe = try Pipe.make().shared()
        let copy = dup(pipe.first.number)
        defer { close(copy) }
        let watcher = Watcher(reactor)
        await watcher.watch([(pipe.first.number, input, 0)])
        pipe.first.close()
        await watcher.watch([])
        // From here on epoll reports a descriptor that nobody can name any more.
        _ = write(pipe.second.number, "a", 1)
        let other = try PipeReader(on: reactor)
        other.write("b")
        #expect(await eventually { other.text == "b" })
        let before = Mutex<Int64?>(nil)
        let after = Mutex<Int64?>(nil)
        reactor.add(reactor.newID()) {
            ScriptedMember { _ in
                guard before.withLock({ $0 }) == nil else {
                    after.withLock { $0 = Self.ownThreadTime() }
                    return nil
                }
                before.withLock { $0 = Self.ownThreadTime() }
                var interest = ReactorInterest()
                interest.wake(at: monotonicNow() + 200_000_000)
                return interest
            }
        }
        #expect(await eventually { after.withLock { $0 } != nil })
        let used = try #require(after.withLock { $0 }) - (try #require(before.withLock { $0 }))
        #expect(used < 50_000_000, "nanoseconds of processor in 200 ms without anything to do")
        other.write("X")
        #expect(await eventually { other.hasEnded })
    }

    @Test("take a file for always ready, and a number that is not open for broken")
    func unwatchable() async throws {
        let reactor = try Reactor()
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        let watcher = Watcher(reactor, [(null, input, 0)])
        #expect(await watcher.isTold(null, input))
        // At each look, not once.
        let turns = watcher.turns.load(ordering: .relaxed)
        #expect(await eventually { watcher.turns.load(ordering: .relaxed) > turns + 2 })
        await watcher.watch([(9_999, input, 0)])
        #expect(await watcher.isTold(9_999, Int16(POLLNVAL)))
        await watcher.watch([])
    }

    /// Nanoseconds of processor that this thread has used.
    private static func ownThreadTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
