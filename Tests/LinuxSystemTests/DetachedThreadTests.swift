import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite("Threads")
struct DetachedThreadTests {
    @Test("block every signal, and leave the mask of the thread that starts them alone")
    func signals() throws {
        let before = mask()
        let seen = Mutex(Set<Int32>())
        let done = Gate()
        // So many together that some are new threads, whatever waits for work.
        let held = Gate()
        let threads = 40
        for _ in 0..<threads {
            try DetachedThread.start {
                let blocked = mask()
                seen.withLock { $0 = $0.isEmpty ? blocked : $0.intersection(blocked) }
                done.open()
                held.wait()
            }
        }
        for _ in 0..<threads { done.wait() }
        for _ in 0..<threads { held.open() }
        #expect(mask() == before)
        let maskable = Set(Int32(1)...31).subtracting([SIGKILL, SIGSTOP])
        #expect(seen.withLock { $0 }.isSuperset(of: maskable))
    }

    @Test("report a write to a closed pipe as an error")
    func closedPipe() throws {
        let (reader, writer) = try Pipe.make().shared()
        reader.close()
        let result = Mutex<Int32>(0)
        let done = Gate()
        try DetachedThread.start {
            let failure = write(writer.number, [1], 1) < 0 ? errno : 0
            result.withLock { $0 = failure }
            done.open()
        }
        done.wait()
        #expect(result.withLock { $0 } == EPIPE)
    }

    @Test("run each piece of work once, also on a thread that waited for more")
    func reused() throws {
        let runs = Counter()
        let done = Gate()
        for _ in 0..<500 {
            try DetachedThread.start {
                runs.add()
                done.open()
            }
            done.wait()
        }
        #expect(runs.value == 500)
    }

    @Test("let go of what their work held")
    func released() throws {
        let (reader, writer) = try Pipe.make().shared()
        try DetachedThread.start { [writer] in _ = writer.number }
        _ = consume writer
        #expect(isReadable(reader.number, milliseconds: 10_000), "end of file: nothing holds the writing end")
    }

    @Test("pass a gate that was opened before")
    func gate() {
        let gate = Gate()
        gate.open()
        gate.open()
        gate.wait()
        gate.wait()
    }

    /// The signals that the calling thread blocks.
    private func mask() -> Set<Int32> {
        var set = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &set)
        return Set((Int32(1)...64).filter { sigismember(&set, $0) == 1 })
    }
}

/// Counts across threads.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() { count.withLock { $0 += 1 } }
}
