import Digests
import Foundation
import Testing

@testable import AuditLog

@Suite("Records of the audit log")
struct AuditRecordTests {
    @Test("a record is one line of JSON, whatever is in it, and its hash is that of the text before it")
    func line() throws {
        let entry = AuditEntry(
            "policy.apply", actor: "key:abcdefgh", address: "::1", requestID: "r\n1", target: "a\"b\u{2028}",
            before: "x",
            after: nil, outcome: .failed("no\r\nroom"), details: ["k\u{0}": "🪺", "a": "b"])
        let (bytes, head) = AuditRecord.line(entry, after: .start, time: "now")
        #expect(!bytes.contains(0x0a) && !bytes.contains(0x0d) && bytes.count <= AuditRecord.maximumBytes)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(object["seq"] as? Int == 1 && object["request_id"] as? String == "r\n1")
        #expect(object["outcome"] as? String == "failed: no\r\nroom" && object["after"] == nil)
        #expect((object["details"] as? [String: String])?["k\u{0}"] == "🪺")
        let text = String(decoding: bytes, as: UTF8.self)
        let cut = try #require(text.range(of: ",\"hash\":", options: .backwards)).lowerBound
        let digest = DigestAlgorithm.sha256.digest(of: Array(text[..<cut].utf8))
        #expect(object["hash"] as? String == Hexadecimal.text(of: digest) && head.hash == Hexadecimal.text(of: digest))
        #expect(try AuditRecord(line: bytes).head == head)
    }

    @Test("the longest values make a line that is read again")
    func longest() throws {
        let long = String(repeating: "\u{1}", count: 100_000)
        var details: [String: String] = [:]
        for number in 0..<100 { details["\(number)" + long] = long }
        let entry = AuditEntry(
            long, actor: long, address: long, requestID: long, target: long, before: long, after: long,
            outcome: .refused(long), details: details)
        let (bytes, head) = AuditRecord.line(entry, after: .start, time: long)
        #expect(bytes.count > AuditRecord.maximumBytes / 4 && bytes.count <= AuditRecord.maximumBytes)
        #expect(try AuditRecord(line: bytes).head == head)
    }

    @Test("a byte that is changed anywhere is noticed")
    func changed() throws {
        let (bytes, head) = AuditRecord.line(
            AuditEntry("run.kill", actor: "anyone", outcome: .done), after: .start, time: "now")
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x01
            #expect((try? AuditRecord(line: other))?.head != head, "byte \(index)")
        }
        for count in 0..<bytes.count { #expect((try? AuditRecord(line: Array(bytes.prefix(count)))) == nil) }
    }

    @Test(
        "lines that are no records are refused, whatever they are",
        arguments: [
            "", "{}", "null", ",\"hash\":\"\"}", "{\"seq\":1}", String(repeating: "a", count: 20_000),
        ])
    func noRecord(text: String) {
        #expect(throws: AuditRecord.Invalid.self) { try AuditRecord(line: Array(text.utf8)) }
    }

    @Test(
        "a right hash makes no record of what is none",
        arguments: ["{\"seq\":1", "{\"seq\":0,\"action\":\"a\",\"previous\":\"b\"", "[1", ""])
    func rightHash(body: String) {
        let hash = Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: Array(body.utf8)))
        #expect(throws: AuditRecord.Invalid.self) {
            try AuditRecord(line: Array((body + ",\"hash\":\"" + hash + "\"}").utf8))
        }
    }
}
