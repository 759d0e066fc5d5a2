import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import AuditLog

/// A log whose disk hangs while it is told to.
private final class HangingDisk: Sendable {
    private final class Gate: Sendable {
        private let hangs = Mutex(false)
        private let semaphore = DispatchSemaphore(value: 0)

        func close() { hangs.withLock { $0 = true } }

        func open() {
            hangs.withLock { $0 = false }
            semaphore.signal()
        }

        func pass() {
            guard hangs.withLock({ $0 }) else { return }
            semaphore.wait()
            semaphore.signal()
        }
    }

    let fixture: AuditFixture
    let log: AuditLog
    private let gate = Gate()

    init() throws {
        fixture = try AuditFixture()
        let gate = gate
        // Called while a record is being written, where a disk would be waited for.
        log = try AuditLog(path: fixture.path, synchronization: .always) {
            gate.pass()
            return "2026-12-01T00:00:00.000Z"
        }
    }

    func hang() { gate.close() }
    func recover() { gate.open() }
}

@Suite("A disk that hangs, under the audit log", .timeLimit(.minutes(1)))
struct AuditWriterTests {
    @Test("status is there while a record is being written, and says that the disk does not answer")
    func status() async throws {
        let disk = try HangingDisk()
        let writer = AuditWriter(disk.log, timeout: 200_000_000)
        disk.hang()
        writer.enqueue(disk.fixture.entry("late"))
        // Neither of these waits for the disk: with the lock of the file they would, for ever.
        #expect(disk.log.status.records == 1 && disk.log.status.lastError == nil)
        #expect(await eventually { writer.status.lastError?.contains("has not answered") == true })
        disk.recover()
        #expect(await eventually { writer.status.records == 2 && writer.status.lastError == nil })
    }

    @Test("a record that is waited for is given up at its deadline, and is not written later")
    func deadline() async throws {
        let disk = try HangingDisk()
        let writer = AuditWriter(disk.log, timeout: 200_000_000)
        disk.hang()
        writer.enqueue(disk.fixture.entry("hangs"))
        let start = ContinuousClock.now
        await #expect(throws: AuditProblem.self) { try await writer.append(disk.fixture.entry("never")) }
        #expect(ContinuousClock.now - start < .seconds(30))
        disk.recover()
        try await writer.append(disk.fixture.entry("after"))
        let text = try disk.fixture.lines().joined()
        #expect(text.contains("hangs") && text.contains("after") && !text.contains("never"))
        #expect(disk.fixture.breakOfChain() == nil)
    }

    @Test("no more than so many records wait; the rest is counted, and the writer goes on afterwards")
    func bound() async throws {
        let disk = try HangingDisk()
        let writer = AuditWriter(disk.log, timeout: 10_000_000_000)
        disk.hang()
        for _ in 0..<(AuditWriter.maximumWaiting + 10) { writer.enqueue(disk.fixture.entry()) }
        writer.tick()
        #expect(writer.status.failures == 10)
        await #expect(throws: AuditProblem.self) { try await writer.append(disk.fixture.entry("full")) }
        disk.recover()
        await writer.finish()
        #expect(await eventually { writer.status.records == AuditWriter.maximumWaiting + 1 })
        try await writer.append(disk.fixture.entry("after"))
        #expect(disk.fixture.breakOfChain() == nil)
    }
}
