import Foundation
import Glibc
import Testing

@testable import AuditLog

@Suite("The audit log")
struct AuditLogTests {
    @Test("a log that is opened again continues its chain", arguments: AuditLog.Synchronization.allCases)
    func again(synchronization: AuditLog.Synchronization) throws {
        let fixture = try AuditFixture()
        for round in 0..<3 {
            let log = try fixture.open(synchronization)
            #expect(try log.append(fixture.entry()) == Int64(2 * round + 2))
            log.tick()
        }
        #expect(try fixture.lines().count == 6 && fixture.breakOfChain() == nil)
    }

    @Test("one log has one writer, and its file is its owner's")
    func exclusive() throws {
        let fixture = try AuditFixture()
        do {
            let first = try fixture.open()
            #expect(throws: AuditProblem.self) { try fixture.open() }
            try first.append(fixture.entry())
        }
        _ = try fixture.open()
        chmod(fixture.path, 0o620)
        #expect(throws: AuditProblem.self) { try fixture.open() }
        chmod(fixture.path, 0o600)
        #expect(throws: AuditProblem.self) {
            try AuditLog(path: fixture.directory, synchronization: .always, time: { "" })
        }
        #expect(throws: AuditProblem.self) {
            try AuditLog(path: fixture.directory + "/no/audit", synchronization: .always, time: { "" })
        }
        symlink(fixture.path, fixture.directory + "/link")
        #expect(throws: AuditProblem.self) {
            try AuditLog(path: fixture.directory + "/link", synchronization: .always, time: { "" })
        }
    }

    @Test("a last line that was cut anywhere is set aside, and the chain goes on with a record of that")
    func cut() throws {
        let fixture = try AuditFixture()
        try fixture.open().append(fixture.entry())
        let whole = try fixture.bytes()
        let last = try #require(try fixture.lines().last).utf8.count
        for length in stride(from: 1, through: last, by: 7) {
            try? FileManager.default.removeItem(atPath: fixture.path + ".cut")
            try fixture.write(whole.dropLast(last + 1 - length))
            try fixture.open().append(fixture.entry("after"))
            #expect(fixture.breakOfChain() == nil)
            let lines = try fixture.lines()
            #expect(lines.count == 4 && lines[1].contains("audit.recovered") && lines[1].contains("\"\(length)\""))
            #expect(try fixture.bytes("audit.jsonl.cut").count == length + 1)
        }
    }

    @Test("a log whose last whole line is no record is not continued")
    func damaged() throws {
        let fixture = try AuditFixture()
        _ = try fixture.open()
        let good = try fixture.bytes()
        for more in ["\n", "x\n", "{}\n", String(repeating: "y", count: 70_000)] {
            try fixture.write(good + more.utf8)
            if more.hasSuffix("\n") {
                #expect(throws: AuditProblem.self, "\(more)") { try fixture.open() }
            } else {
                // Longer than any record: it cannot be a line that was cut.
                #expect(throws: AuditProblem.self) { try fixture.open() }
            }
        }
        try fixture.write(good)
        _ = try fixture.open()
    }

    @Test("a file that is moved away is continued in a new one, by the running log and by the next")
    func rotation() throws {
        let fixture = try AuditFixture()
        func move(_ name: String) throws {
            try FileManager.default.moveItem(atPath: fixture.path, toPath: fixture.directory + "/" + name)
        }
        do {
            let log = try fixture.open()
            try log.append(fixture.entry())
            try move("audit.jsonl.2")
            // Until it is told, it goes on in the old file.
            try log.append(fixture.entry())
            try log.reopen()
            try log.reopen()
            try log.append(fixture.entry())
        }
        try move("audit.jsonl.1")
        try fixture.open().append(fixture.entry())
        #expect(try fixture.lines().first?.contains("continues in a new file") == true)
        #expect(fixture.breakOfChain(["audit.jsonl.2", "audit.jsonl.1", "audit.jsonl"]) == nil)
        #expect(fixture.breakOfChain(["audit.jsonl.2", "audit.jsonl"])?.line == 1)
        #expect(fixture.breakOfChain(["audit.jsonl.1", "audit.jsonl.2"])?.line == 1)
    }

    @Test("a new file that has another chain is not continued: the old one is")
    func otherChain() throws {
        let (fixture, other) = (try AuditFixture(), try AuditFixture())
        let log = try fixture.open()
        try other.open().append(other.entry("other"))
        try FileManager.default.moveItem(atPath: fixture.path, toPath: fixture.path + ".1")
        try fixture.write(try other.bytes())
        #expect(throws: AuditProblem.self) { try log.reopen() }
        try log.append(fixture.entry("still"))
        #expect(fixture.breakOfChain(["audit.jsonl.1"]) == nil)
        #expect(try fixture.lines("audit.jsonl.1").last?.contains("still") == true)
    }

    @Test("many threads write one chain")
    func threads() async throws {
        let fixture = try AuditFixture()
        let log = try fixture.open()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<50 { _ = try? log.append(fixture.entry("\(task).\(number)")) } }
            }
        }
        #expect(log.status.head.number == 401 && log.status.records == 401 && log.status.failures == 0)
        #expect(fixture.breakOfChain() == nil)
    }
}

@Suite("Refused keys")
struct RefusedKeysTests {
    @Test("a flood is at most 21 records a minute, and the last says how many there were")
    func flood() {
        var keys = RefusedKeys()
        var entries: [AuditEntry] = []
        let second: Int64 = 1_000_000_000
        for moment in 0..<120 {
            for _ in 0..<100 { keys.add(id: "abcdefgh", address: "127.0.0.1", now: Int64(moment) * second) }
            entries += keys.take(now: Int64(moment) * second)
        }
        #expect(entries.count <= 42 && entries.count >= 41)
        #expect(entries[19].actor == "key:abcdefgh" && entries[20].details["count"] == "6080")
    }

    @Test("a few are each recorded, with where they came from")
    func few() {
        var keys = RefusedKeys()
        keys.add(id: nil, address: "10.0.0.1", now: 5)
        let entries = keys.take(now: 6)
        #expect(entries.map(\.actor) == ["unknown"] && entries.first?.address == "10.0.0.1")
        #expect(keys.take(now: 7).isEmpty && keys.take(now: .max / 2).isEmpty)
    }
}
