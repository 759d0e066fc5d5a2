import Foundation
import Glibc
import Testing

@testable import AccessKeys

@Suite("The file of keys")
struct KeyFileTests {
    @Test("is empty when it is not there, and made with the first key, for its owner to write")
    func first() throws {
        let directory = try KeyDirectory()
        #expect(try directory.file.load().isEmpty)
        let (key, _) = try directory.file.create(name: "front end", now: 7, expires: 99, rate: 5, concurrent: 2)
        #expect(try directory.file.load() == [key])
        #expect(key.expires == 99 && key.rate == 5 && key.concurrent == 2 && key.created == 7)
        var status = stat()
        #expect(stat(directory.file.path, &status) == 0)
        #expect(status.st_mode & 0o137 == 0)
    }

    @Test("never has the text of a key, or its secret")
    func secrets() throws {
        let directory = try KeyDirectory()
        let text = try directory.file.create(name: "a", now: 7).text
        #expect(!(try directory.read().contains(text.dropFirst(13))))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(names).subtracting(["keys.json", "keys.json.lock"]).isEmpty)
    }

    @Test("keeps a revoked key and the time; revoking twice changes nothing; an unknown id is an error")
    func revoking() throws {
        let directory = try KeyDirectory()
        let first = try directory.file.create(name: "a", now: 7).key
        let second = try directory.file.create(name: "b", now: 8).key
        try directory.file.revoke(id: first.id, now: 9)
        try directory.file.revoke(id: first.id, now: 10)
        #expect(try directory.file.load().map(\.revoked) == [9, nil])
        #expect(try directory.file.load().map(\.id) == [first.id, second.id])
        #expect(throws: KeyFile.Problem.self) { try directory.file.revoke(id: "zzzzzzzz", now: 9) }
    }

    @Test("is refused when its group or others may write it", arguments: [0o660, 0o606, 0o666, 0o642] as [mode_t])
    func permissions(mode: mode_t) throws {
        let directory = try KeyDirectory()
        _ = try directory.file.create(name: "a", now: 7)
        chmod(directory.file.path, mode)
        #expect(try #require(directory.problem()).contains("may be written"))
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: "b", now: 7) }
    }

    @Test("is refused when it belongs to somebody else", .enabled(if: geteuid() == 0, "needs root"))
    func owner() throws {
        let directory = try KeyDirectory()
        _ = try directory.file.create(name: "a", now: 7)
        chown(directory.file.path, 12345, 0)
        #expect(try #require(directory.problem()).contains("belongs to uid 12345"))
    }

    @Test("keeps its group when it is changed", .enabled(if: geteuid() == 0, "needs root"))
    func group() throws {
        let directory = try KeyDirectory()
        _ = try directory.file.create(name: "a", now: 7)
        chown(directory.file.path, 0, 12345)
        _ = try directory.file.create(name: "b", now: 7)
        var status = stat()
        #expect(stat(directory.file.path, &status) == 0 && status.st_gid == 12345)
    }

    @Test(
        "is refused when it is no document of keys",
        arguments: [
            "", "[]", "{}", "null", "{\"version\":1}", "{\"version\":2,\"keys\":[]}", "{\"version\":1,\"keys\":[1]}",
            "{\"version\":1,\"keys\":[{}]}", "{\"version\":1,\"keys\":[]} x", "\u{0}",
            String(repeating: "[", count: 100_000),
        ])
    func malformed(text: String) throws {
        let directory = try KeyDirectory()
        try directory.write(text)
        #expect(try #require(directory.problem()).hasPrefix("key file \(directory.file.path) "))
    }

    @Test("is refused with a key twice, with more than 10000 keys, above 8 MiB, and as a directory or a pipe")
    func bounds() throws {
        let directory = try KeyDirectory()
        let entry =
            "{\"id\":\"abcdefgh\",\"name\":\"a\",\"hash\":\"\(String(repeating: "0", count: 64))\",\"created\":1}"
        try directory.write("{\"version\":1,\"keys\":[\(entry),\(entry)]}")
        #expect(try #require(directory.problem()).contains("abcdefgh"))
        let many = (0..<10_001).map { entry.replacing("abcdefgh", with: String(10_000_000 + $0)) }
        try directory.write("{\"version\":1,\"keys\":[\(many.joined(separator: ","))]}")
        #expect(try #require(directory.problem()).contains("10000"))
        try directory.write(String(repeating: " ", count: 8_388_609))
        #expect(try #require(directory.problem()).contains("8388608"))
        unlink(directory.file.path)
        mkdir(directory.file.path, 0o700)
        #expect(directory.problem() != nil)
        rmdir(directory.file.path)
        mkfifo(directory.file.path, 0o600)
        #expect(directory.problem() != nil)
    }

    @Test("takes the ten thousandth key and no other")
    func full() throws {
        let directory = try KeyDirectory()
        let hash = String(repeating: "0", count: 64)
        let entries = (0..<9_999).map {
            "{\"id\":\"\(10_000_000 + $0)\",\"name\":\"a\",\"hash\":\"\(hash)\",\"created\":1}"
        }
        try directory.write("{\"version\":1,\"keys\":[\(entries.joined(separator: ","))]}")
        _ = try directory.file.create(name: "last", now: 7)
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: "one more", now: 7) }
        #expect(try directory.file.load().count == 10_000)
    }

    @Test(
        "takes no name that is empty, long, or has control characters",
        arguments: ["", String(repeating: "a", count: 65), "a\nb", "\u{1b}[31m", "a\u{7f}", "\u{0}"])
    func names(name: String) throws {
        let directory = try KeyDirectory()
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: name, now: 7) }
        #expect(try directory.file.load().isEmpty)
    }

    @Test("takes names of people")
    func goodNames() throws {
        let directory = try KeyDirectory()
        for name in ["a", String(repeating: "a", count: 64), "Zoë’s notebook 🪺", "\"quoted\", \\ and /"] {
            #expect(try directory.file.create(name: name, now: 7).key.name == name)
        }
        #expect(try directory.file.load().count == 4)
    }

    @Test("loses no key when several are made at once")
    func writers() async throws {
        let directory = try KeyDirectory()
        let file = directory.file
        // Threads of their own: a task that blocks would take its turn alone on a small machine.
        let threads = (0..<4).map { number in
            Thread { for round in 0..<10 { _ = try? file.create(name: "\(number).\(round)", now: 7) } }
        }
        for thread in threads { thread.start() }
        while !threads.allSatisfy(\.isFinished) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(Set(try file.load().map(\.name)).count == 40)
    }

    @Test("is changed by nobody while somebody else holds its lock, and then is")
    func locking() async throws {
        let directory = try KeyDirectory()
        let file = directory.file
        let lock = open(file.path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(lock) }
        #expect(flock(lock, LOCK_SH) == 0)
        let thread = Thread { _ = try? file.create(name: "a", now: 7) }
        thread.start()
        try await Task.sleep(for: .milliseconds(200))
        #expect(!thread.isFinished)
        #expect(try file.load().isEmpty)
        #expect(flock(lock, LOCK_UN) == 0)
        while !thread.isFinished { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try file.load().count == 1)
    }

    @Test("stays as it was when it cannot be replaced")
    func failing() throws {
        let directory = try KeyDirectory()
        let key = try directory.file.create(name: "a", now: 7).key
        // What would be written to is a directory that is not empty.
        try FileManager.default.createDirectory(
            atPath: directory.file.path + ".new/x", withIntermediateDirectories: true)
        #expect(throws: KeyFile.Problem.self) { try directory.file.create(name: "b", now: 7) }
        #expect(try directory.file.load() == [key])
    }

    @Test("names the file when its directory is not there")
    func noDirectory() {
        let error = #expect(throws: KeyFile.Problem.self) {
            try KeyFile(path: "/nonexistent/keys.json").create(name: "a", now: 7)
        }
        #expect(error?.description.contains("/nonexistent/keys.json") == true)
    }
}
