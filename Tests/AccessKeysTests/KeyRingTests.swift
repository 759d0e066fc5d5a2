import Foundation
import Glibc
import Testing

@testable import AccessKeys

@Suite("The ring of keys")
struct KeyRingTests {
    private func ring(_ directory: KeyDirectory, _ clock: TestClock, _ reports: Reports = Reports()) throws -> KeyRing {
        try KeyRing(file: directory.file, report: { reports.add($0) }, now: { clock.now() })
    }

    @Test("accepts a key with what is known of it, and refuses all else alike")
    func verify() throws {
        let directory = try KeyDirectory()
        let (key, text) = try directory.file.create(name: "a", now: 7, rate: 5, concurrent: 2)
        let other = AccessKey.make(name: "b", now: 7).text
        let ring = try ring(directory, TestClock(100))
        #expect(ring.verify(text) == .accepted(key))
        // The right id with a secret that is not its own.
        let mixed = String(text.prefix(13)) + String(other.suffix(43))
        for wrong in ["", text + " ", text.uppercased(), other, mixed, key.id, key.hash, String(text.dropLast())] {
            #expect(ring.verify(wrong) == .refused)
        }
    }

    @Test("lets a key in until the second it expires")
    func expiry() throws {
        let directory = try KeyDirectory()
        let text = try directory.file.create(name: "a", now: 7, expires: 110).text
        let clock = TestClock(109)
        let ring = try ring(directory, clock)
        #expect(ring.verify(text) != .refused)
        clock.advance()
        #expect(ring.verify(text) == .refused)
    }

    @Test("follows the file: a new key, a revoked key, a file that was not there before and one that is gone")
    func following() throws {
        let directory = try KeyDirectory()
        let clock = TestClock(100)
        let ring = try ring(directory, clock)
        #expect(ring.count == 0)
        let (key, text) = try directory.file.create(name: "a", now: 7)
        // Not before the next second.
        #expect(ring.verify(text) == .refused)
        clock.advance()
        #expect(ring.verify(text) == .accepted(key))
        try directory.file.revoke(id: key.id, now: 101)
        clock.advance()
        #expect(ring.verify(text) == .refused)
        _ = try directory.file.create(name: "b", now: 7)
        clock.advance()
        _ = ring.verify(text)
        #expect(ring.count == 2)
        unlink(directory.file.path)
        clock.advance()
        _ = ring.verify(text)
        #expect(ring.count == 0)
    }

    @Test("keeps its keys when the file becomes unusable, and says so once")
    func keeping() throws {
        let directory = try KeyDirectory()
        let (key, text) = try directory.file.create(name: "a", now: 7)
        let (clock, reports) = (TestClock(100), Reports())
        let ring = try ring(directory, clock, reports)
        try directory.write("{ half a docu")
        for _ in 0..<3 {
            clock.advance()
            #expect(ring.verify(text) == .accepted(key))
        }
        #expect(reports.all.count == 1)
        #expect(reports.all.first?.contains(directory.file.path) == true)
        #expect(!reports.all.contains { $0.contains(text) })
        // And takes it up again.
        unlink(directory.file.path)
        let fresh = try directory.file.create(name: "b", now: 7)
        clock.advance()
        #expect(ring.verify(fresh.text) == .accepted(fresh.key))
        #expect(ring.verify(text) == .refused)
    }

    @Test("is not made from a file that cannot be used")
    func atStart() throws {
        let directory = try KeyDirectory()
        try directory.write("nonsense")
        #expect(throws: KeyFile.Problem.self) { try ring(directory, TestClock(100)) }
    }

    @Test("answers many threads while the file changes")
    func threads() async throws {
        let directory = try KeyDirectory()
        let (key, text) = try directory.file.create(name: "a", now: 7)
        let clock = TestClock(100)
        let ring = try ring(directory, clock)
        let file = directory.file
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<200 {
                        clock.advance()
                        #expect(ring.verify(text) == .accepted(key))
                    }
                }
            }
            group.addTask { for number in 0..<10 { _ = try file.create(name: "\(number)", now: 7) } }
        }
        clock.advance()
        _ = ring.verify(text)
        #expect(ring.count == 11)
    }
}
