import Foundation
import Glibc
import Logging
import Synchronization
import Testing

@testable import JSONLogging

/// What was written, call by call.
private final class Lines: Sendable {
    private let pieces = Mutex<[[UInt8]]>([])

    func add(_ bytes: [UInt8]) { pieces.withLock { $0.append(bytes) } }
    var all: [String] { pieces.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
}

/// What nobody may get out of a value as it is.
let hostile = [
    "a\nb", "a\r\nb", "\u{0}", "\u{1b}[31mred", "\u{85}", "\u{2028}\u{2029}", "\u{7f}\u{9b}1m",
    "\"} \n{\"level\":\"error\"}", "\\", "\\\"", "\",\"run_id\":\"x", "🪺 é",
]

@Suite("Log lines")
struct LineLogHandlerTests {
    private func log(
        _ format: LineLogHandler.Format, level: Logger.Level = .info, _ body: (inout Logger) -> Void
    ) -> [String] {
        let lines = Lines()
        var logger = Logger(label: "test") {
            LineLogHandler(label: $0, level: level, format: format, write: { lines.add($0) })
        }
        body(&logger)
        return lines.all
    }

    private func object(_ line: String) throws -> [String: String] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
    }

    @Test("are JSON objects with time, level, label, message and the metadata under its own names")
    func json() throws {
        let before = Date().timeIntervalSince1970
        let lines = log(.json) { logger in
            logger[metadataKey: "run_id"] = "r1"
            logger.warning("run ended", metadata: ["duration_ms": "12", "bytes": "\(34)", "nested": ["a": "b"]])
        }
        #expect(lines.count == 1 && lines.first?.last == "\n")
        var fields = try object(try #require(lines.first))
        let removed = fields.removeValue(forKey: "time")
        let time = try #require(removed)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        let date = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(time)
        #expect(date.timeIntervalSince1970 > before - 1)
        let nested = fields.removeValue(forKey: "nested")
        #expect(nested?.contains("b") == true)
        #expect(
            fields == [
                "level": "warning", "label": "test", "message": "run ended", "run_id": "r1", "duration_ms": "12",
                "bytes": "34",
            ])
    }

    @Test("have numbers and truth values as such, in both formats, and never what JSON cannot have")
    func numbers() throws {
        let metadata: Logger.Metadata = [
            "status": .stringConvertible(200), "big": .stringConvertible(Int64.max), "ms": .stringConvertible(1.25),
            "none": .stringConvertible(Double.infinity), "yes": .stringConvertible(true), "text": "12",
            "other": .stringConvertible(Substring("a\"b")),
        ]
        let line = try #require(log(.json) { $0.info("x", metadata: metadata) }.first)
        let fields = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(fields["status"] as? Int == 200 && fields["ms"] as? Double == 1.25 && fields["yes"] as? Bool == true)
        #expect(line.contains("\"big\":9223372036854775807,") && line.contains("\"status\":200,"))
        #expect(fields["none"] as? String == "inf" && fields["text"] as? String == "12")
        #expect(fields["other"] as? String == "a\"b")
        let text = try #require(log(.text) { $0.info("x", metadata: metadata) }.first)
        #expect(text.contains(" status=200 ") && text.contains(" text=\"12\""))
    }

    @Test("let what is said at the call win over what the logger carries")
    func precedence() throws {
        let lines = log(.json) { logger in
            logger[metadataKey: "run_id"] = "old"
            logger.info("x", metadata: ["run_id": "new"])
        }
        #expect(try object(try #require(lines.first))["run_id"] == "new")
    }

    @Test("stay one line each, whatever is in a value, and give it back as it was", arguments: hostile)
    func oneLine(text: String) throws {
        let lines = log(.json) { $0.info("\(text)", metadata: ["path": "\(text)", text: "key"]) }
        let line = try #require(lines.first)
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) } == ["\n"])
        #expect(!line.dropLast().contains { $0.isNewline })
        let fields = try object(line)
        #expect(fields["message"] == text && fields["path"] == text)
        #expect(fields.count == 6 && fields["level"] == "info")
    }

    @Test("as text stay one line each, too", arguments: hostile)
    func oneTextLine(text: String) throws {
        let lines = log(.text) { $0.info("\(text)", metadata: ["path": "\(text)"]) }
        let line = try #require(lines.first)
        #expect(line.unicodeScalars.filter { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) } == ["\n"])
        #expect(!line.dropLast().contains { $0.isNewline })
        #expect(line.contains(" info ") && line.contains(" path=\""))
    }

    @Test("never let metadata take the name of a field of ours")
    func names() throws {
        let lines = log(.json) {
            $0.info("m", metadata: ["level": "error", "time": "0", "message": "x", "label": "y"])
        }
        let fields = try object(try #require(lines.first))
        #expect(fields["level"] == "info" && fields["message"] == "m" && fields["label"] == "test")
        #expect(fields["_level"] == "error" && fields["_message"] == "x")
    }

    @Test("cut long values, at a character")
    func cut() throws {
        for text in [String(repeating: "a", count: 100_000), String(repeating: "🪺", count: 100_000)] {
            let lines = log(.json) { $0.info("\(text)", metadata: ["path": "\(text)"]) }
            let line = try #require(lines.first)
            #expect(line.utf8.count < 8192)
            let fields = try object(line)
            for name in ["message", "path"] {
                let value = try #require(fields[name])
                #expect(value.hasSuffix("…") && text.hasPrefix(value.dropLast()) && value.utf8.count > 1000)
            }
        }
    }

    @Test("are left out below the level")
    func level() {
        let lines = log(.json, level: .warning) { logger in
            logger.info("no")
            logger.warning("yes")
            logger.logLevel = .trace
            logger.trace("yes")
        }
        #expect(lines.count == 2)
    }

    @Test("are written whole, each by one call")
    func whole() async throws {
        let lines = Lines()
        let logger = Logger(label: "test") {
            LineLogHandler(label: $0, level: .info, format: .json, write: { lines.add($0) })
        }
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for number in 0..<100 { logger.info("m", metadata: ["n": "\(task * 100 + number)"]) } }
            }
        }
        let numbers = try lines.all.map { try #require(try object($0)["n"]) }
        #expect(Set(numbers).count == 800)
    }
}

@Suite("A log file")
struct LogFileTests {
    @Test("is appended to, goes on in a new file once it was moved away, and is kept when that cannot be")
    func reopens() throws {
        let directory = NSTemporaryDirectory() + "nestbox-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/log"
        func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "none" }
        try Data("before\n".utf8).write(to: URL(fileURLWithPath: path))
        let file = try LogFile(path: path)
        file.write(Array("one\n".utf8))
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        file.write(Array("two\n".utf8))
        #expect(text(path + ".1") == "before\none\ntwo\n" && text(path) == "none")
        try file.reopen()
        file.write(Array("three\n".utf8))
        #expect(text(path) == "three\n")
        // Cut where it is, as copytruncate does.
        truncate(path, 0)
        file.write(Array("four\n".utf8))
        #expect(text(path) == "four\n")
        try FileManager.default.moveItem(atPath: directory, toPath: directory + ".moved")
        defer { try? FileManager.default.removeItem(atPath: directory + ".moved") }
        #expect(throws: LogFile.Failure(path: path, errno: ENOENT)) { try file.reopen() }
        file.write(Array("five\n".utf8))
        #expect(text(directory + ".moved/log") == "four\nfive\n")
    }

    @Test("cannot be a link to somewhere else")
    func noLinks() throws {
        let path = NSTemporaryDirectory() + "nestbox-log-" + UUID().uuidString
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/null")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: LogFile.Failure.self) { try LogFile(path: path) }
    }
}

@Suite("Lines of others")
struct LineSplitterTests {
    @Test("are told whole however they come, bounded, and the last one at the end")
    func splits() {
        var lines = LineSplitter(maximumBytes: 8)
        #expect(lines.take("ab".utf8) == [])
        #expect(lines.take("c\n\nde\nf".utf8) == ["abc", "de"])
        #expect(lines.take("ghijklmnopq".utf8) == ["fghijklm"])
        #expect(lines.rest() == "nopq")
        #expect(lines.rest() == nil)
        #expect(lines.take([0xff, 0x0a]) == ["\u{fffd}"])
    }
}
