import Foundation
import Logging
import Synchronization
import Testing

@testable import JSONLogging

@Suite("The length of log lines")
struct LineLengthTests {
    private struct Failure: Error, CustomStringConvertible {
        let description = "out of luck"
    }

    private func line(_ format: LineLogHandler.Format, _ body: (Logger) -> Void) -> String {
        let line = Mutex<String>("")
        let write: @Sendable ([UInt8]) -> Void = { bytes in
            line.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        }
        body(Logger(label: "test") { LineLogHandler(label: $0, level: .info, format: format, write: write) })
        return line.withLock { $0 }
    }

    @Test("is 8 KiB at most, however many values there are and however they have to be escaped")
    func bounded() throws {
        for text in [String(repeating: "\u{1}", count: 10_000), String(repeating: "\"", count: 10_000), "short"] {
            var metadata: Logger.Metadata = [text: "a long key"]
            for number in 0..<1000 { metadata["k\(number)"] = "\(text)" }
            let json = line(.json) { $0.info("\(text)", metadata: metadata) }
            #expect((1000...8192).contains(json.utf8.count))
            let fields = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: String]
            #expect(fields?["_cut"] == "…" && fields?["level"] == "info")
            let plain = line(.text) { $0.info("\(text)", metadata: metadata) }
            #expect((1000...8192).contains(plain.utf8.count) && plain.hasSuffix(" …\n"))
        }
    }

    @Test("cannot be got around by keys: they are escaped in text, too")
    func keys() {
        let plain = line(.text) { $0.info("m", metadata: ["a\n2030-01-01T00:00:00.000Z error b": "c"]) }
        #expect(plain.split(whereSeparator: \.isNewline).count == 1)
    }

    @Test("leaves room for the error of a record")
    func error() {
        #expect(line(.json) { $0.error("m", error: Failure()) }.contains("\"error\":\"out of luck\""))
    }

    @Test("is not that of what a terminal shows: text that turns its direction is escaped")
    func direction() {
        #expect(line(.json) { $0.info("a\u{202e}b\u{2066}") }.contains("a\\u202eb\\u2066"))
    }
}
