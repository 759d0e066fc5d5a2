import Foundation
import Testing

@testable import AuditLog

@Suite("The chain of the audit log")
struct AuditChainTests {
    private func filled() throws -> AuditFixture {
        let fixture = try AuditFixture()
        let log = try fixture.open()
        for number in 0..<5 { try log.append(fixture.entry("\(number)")) }
        return fixture
    }

    @Test("what was written verifies, from the first record to the last")
    func good() throws {
        let fixture = try filled()
        var chain = AuditChain()
        try AuditReader.verify(fixture.path, &chain)
        #expect(chain.count == 6 && chain.first == 1 && chain.head.number == 6)
        #expect(try fixture.lines().first?.contains("\"audit.opened\"") == true)
    }

    @Test("a line that is removed, doubled, moved or changed is named")
    func manipulated() throws {
        let fixture = try filled()
        let lines = try fixture.lines()
        func broken(_ lines: [String]) throws -> Int? {
            try fixture.write((lines.joined(separator: "\n") + "\n").utf8)
            return fixture.breakOfChain()?.line
        }
        var changed = lines
        changed[2] = changed[2].replacing("key:abcdefgh", with: "key:abcdefgi")
        #expect(try broken(changed) == 3)
        #expect(try broken(Array(lines[..<2] + lines[3...])) == 3)
        #expect(try broken(Array(lines[...2] + lines[2...])) == 4)
        #expect(try broken([lines[0], lines[2], lines[1]]) == 2)
        #expect(try broken(lines + [""]) == 7)
        #expect(try broken(lines) == nil)
        // A start that was cut off is told by the number of the first record.
        #expect(try broken(Array(lines[2...])) == nil)
        var chain = AuditChain()
        try AuditReader.verify(fixture.path, &chain)
        #expect(chain.first == 3)
    }

    @Test("a record of another log does not fit in, even with the right number")
    func foreign() throws {
        let (fixture, other) = (try filled(), try AuditFixture())
        let log = try other.open()
        for number in 0..<6 { try log.append(other.entry("other \(number)")) }
        let lines = try fixture.lines() + [try #require(try other.lines().last)]
        try fixture.write((lines.joined(separator: "\n") + "\n").utf8)
        let found = try #require(fixture.breakOfChain())
        #expect(found.line == 7 && found.reason.contains("does not continue"))
    }

    @Test("a line without an end, and one that never ends, are named; so is a file that cannot be read")
    func ends() throws {
        let fixture = try filled()
        let bytes = try fixture.bytes()
        try fixture.write(bytes.dropLast(1))
        #expect(fixture.breakOfChain()?.line == 6)
        try fixture.write(bytes + [UInt8](repeating: 0x61, count: 100_000))
        #expect(fixture.breakOfChain()?.line == 7)
        #expect(fixture.breakOfChain(["absent"])?.line == 0)
        #expect(fixture.breakOfChain(["."])?.line == 0)
    }
}
