import Foundation
import Glibc
import Testing

@testable import AccessKeys

@Suite("A file of keys that somebody edited")
struct HandWrittenKeyTests {
    @Test(
        "is refused for a field that would bound a key if it were spelled right, or that no key can have",
        arguments: [
            ("expire", 5, "unknown field \"expire\""), ("id", "ABC", "id: "), ("hash", "0F", "hash: "),
            ("name", "a\u{1b}[2J", "name: "), ("name", "a\u{9b}2J", "name: "), ("name", "a\u{202e}b", "name: "),
            ("rate", 0, "rate: found 0"), ("concurrent", -1, "concurrent: found -1"),
            ("expires", "2030-01-01", "expires has the wrong kind of value"), ("hash", NSNull(), "hash is missing"),
        ] as [(String, any Sendable, String)])
    func fields(name: String, value: any Sendable, words: String) throws {
        let directory = try KeyDirectory()
        try directory.write(try KeyDirectory.document([name: value]))
        #expect(try #require(directory.problem()).contains("key 1: \(words)"))
    }

    @Test("names all its errors at once, and no more than twenty")
    func all() throws {
        let directory = try KeyDirectory()
        try directory.write(try KeyDirectory.document(["expire": 5, "rate": 0]))
        let problem = try #require(directory.problem())
        #expect(problem.contains("unknown field") && problem.contains("rate: found 0"))
        let fields = Dictionary(uniqueKeysWithValues: (0..<50).map { ("x\($0)", 1) })
        try directory.write(try KeyDirectory.document(fields))
        #expect(try #require(directory.problem()).hasSuffix("; and 30 more"))
    }

    @Test("takes no key that would make it unusable")
    func creating() throws {
        let directory = try KeyDirectory()
        for name in ["a\u{9b}b", "a\u{2028}b", "a\u{202e}b"] {
            #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: name, now: 7) }
        }
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: "a", now: 7, rate: 0) }
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: "a", now: 7, concurrent: -1) }
        #expect(try directory.file.load().isEmpty)
    }

    @Test("has mode 0640 and the group of the service, so that the service can read it", .enabled(if: geteuid() == 0))
    func group() throws {
        let directory = try KeyDirectory()
        let file = KeyFile(path: directory.path + "/keys.json", group: 12345)
        _ = try file.create(name: "a", now: 7)
        var status = stat()
        #expect(stat(file.path, &status) == 0)
        #expect(status.st_gid == 12345 && status.st_uid == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test("counts from the second in which its permissions are mended; nothing has to be written for that")
    func mended() throws {
        let directory = try KeyDirectory()
        let (key, text) = try directory.file.create(name: "a", now: 7)
        let clock = TestClock(100)
        let ring = try KeyRing(file: directory.file, report: { _ in }, now: { clock.now() })
        chmod(directory.file.path, 0o640)
        try directory.file.revoke(id: key.id, now: 100)
        chmod(directory.file.path, 0o666)
        clock.advance()
        #expect(ring.verify(text) == .accepted(key))
        chmod(directory.file.path, 0o640)
        clock.advance()
        #expect(ring.verify(text) == .refused)
    }
}
