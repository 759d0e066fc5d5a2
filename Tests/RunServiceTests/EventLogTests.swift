import Glibc
import LinuxSystem
import RunModel
import RunService
import SandboxSpec
import Synchronization
import Testing

extension EventLog {
    /// Appends once there is room, as whoever reads a program does.
    fileprivate func write(_ event: RunEvent) {
        let gate = Gate()
        while !hasRoom(onRoom: { gate.open() }) { gate.wait() }
        append(event)
    }
}

@Suite("Event log")
struct EventLogTests {
    private static let id = RunID()

    private func output(_ sequence: Int64, bytes: Int = 1000) -> RunEvent {
        RunEvent(
            runID: Self.id, sequence: sequence, at: sequence,
            kind: .output(.stdout, OutputText([UInt8](repeating: UInt8(ascii: "x"), count: bytes))))
    }

    private func end(_ sequence: Int64) -> RunEvent {
        RunEvent(runID: Self.id, sequence: sequence, at: sequence, kind: .finished(.init(verdict: .ok)))
    }

    private func collect(_ subscription: Subscription) async -> (sequences: [Int64], lagged: [Range<Int64>]) {
        var sequences: [Int64] = []
        var lagged: [Range<Int64>] = []
        while true {
            switch await subscription.next(maximumBytes: 3000) {
            case .events(let events): sequences += events.map(\.sequence)
            case .lagged(let from, let to): lagged.append(from..<to)
            case .quiet: continue
            case .ended: return (sequences, lagged)
            }
        }
    }

    @Test("a reader gets every event once and in order, from any number on")
    func readsInOrder() async {
        let log = EventLog(capacity: 1_000_000)
        for sequence in 0..<20 { log.append(output(Int64(sequence))) }
        log.append(end(20))
        #expect(await collect(log.subscribe(lossless: false)).sequences == Array(0...20))
        #expect(await collect(log.subscribe(from: 7, lossless: false)).sequences == Array(7...20))
        #expect(await collect(log.subscribe(from: .max, lossless: false)).sequences == [])
        #expect(await collect(log.subscribe(from: .min, lossless: false)).sequences == Array(0...20))
    }

    @Test("events that come later wake a reader that waits")
    func wakes() async {
        let log = EventLog(capacity: 1_000_000)
        let subscription = log.subscribe(lossless: false)
        async let collected = collect(subscription)
        for sequence in 0..<5 {
            log.append(output(Int64(sequence)))
            await Task.yield()
        }
        log.append(end(5))
        #expect(await collected.sequences == Array(0...5))
    }

    @Test("memory is bounded: the oldest events go, and late readers are told which")
    func lags() async {
        let log = EventLog(capacity: 10_000)
        for sequence in 0..<100 { log.append(output(Int64(sequence))) }
        log.append(end(100))
        #expect(log.bytes <= 10_000)
        let (sequences, lagged) = await collect(log.subscribe(lossless: false))
        let first = log.extent.first
        #expect(first > 80)
        #expect(lagged == [0..<first])
        #expect(sequences == Array(first...100))
    }

    @Test("a lossless reader is waited for and loses nothing, whatever others do")
    func waitsForLosslessReaders() async throws {
        let log = EventLog(capacity: 10_000)
        let lossless = log.subscribe(lossless: true)
        let idle = log.subscribe(lossless: false)
        let flag = Flag()
        try DetachedThread.start {
            for sequence in 0..<200 {
                log.write(output(Int64(sequence)))
                flag.count.store(sequence + 1, ordering: .relaxed)
            }
            log.write(end(200))
        }
        // It stops by itself once the buffer is full.
        var before = -1
        while before != flag.count.load(ordering: .relaxed) || before < 5 {
            before = flag.count.load(ordering: .relaxed)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(before < 20)
        #expect(log.bytes < 10_000 + 1128, "one event more than there was room for")
        // A reader nobody waits for takes its events without freeing the writer for good.
        _ = await idle.next()
        #expect(await collect(lossless).sequences == Array(0...200))
    }

    @Test("a lossless reader that goes away, and hurry, free the writer")
    func frees() async throws {
        for hurries in [false, true] {
            let log = EventLog(capacity: 5_000)
            let lossless = log.subscribe(lossless: true)
            try DetachedThread.start {
                for sequence in 0..<100 { log.write(output(Int64(sequence))) }
                log.write(end(100))
            }
            try await Task.sleep(for: .milliseconds(50))
            #expect(!log.extent.ended)
            if hurries { log.disableBackpressure() } else { lossless.cancel() }
            while !log.extent.ended { try await Task.sleep(for: .milliseconds(5)) }
            #expect(await lossless.next() == (hurries ? .lagged(from: 0, to: log.extent.first) : .ended))
        }
    }

    @Test("a cancelled task stops waiting")
    func cancels() async {
        let log = EventLog(capacity: 5_000)
        let task = Task { await log.subscribe(lossless: true).next() }
        try? await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value == .ended)
    }

    private final class Flag: Sendable {
        let count = Atomic<Int>(0)
    }
}
