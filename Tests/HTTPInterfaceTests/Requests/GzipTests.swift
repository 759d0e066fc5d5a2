import Foundation
import Testing

@testable import HTTPInterface

@Suite("Compressed texts")
struct GzipTests {
    @Test(
        "gzip is sent to those who take it, and to nobody else",
        arguments: [
            ([], false), (["gzip"], true), (["br, gzip;q=0.5"], true), (["GZIP"], true), (["x-gzip"], true),
            (["deflate", "gzip"], true), (["*"], true), (["gzip;q=0"], false), (["gzip; q=0.000"], false),
            (["*;q=0"], false), (["gzip;q=0, *"], false), (["*;q=0, gzip"], true), (["identity"], false),
            (["gzipped"], false), (["gzip;q=abc"], false), ([", ,;q=1"], false), ([""], false),
        ])
    func accepted(values: [String], isAccepted: Bool) {
        #expect(Gzip.isAccepted(values) == isAccepted, "\(values)")
    }

    /// What another program makes of it.
    static func expanded(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.path + "/nestbox-\(UUID().uuidString).gz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return Array(data)
    }

    @Test("it is what others expand to the same bytes", arguments: [600, 70_000, 400_000])
    func roundTrip(size: Int) throws {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 7919) >> 4 & 0x3f) }
        for level in [Int32(1), 6, 9] {
            let small = try #require(Gzip.compress(bytes, level: level))
            #expect(small.count < bytes.count)
            #expect(try Self.expanded(small) == bytes)
        }
    }

    @Test("what would not become smaller is sent as it is")
    func incompressible() {
        #expect(Gzip.compress([], level: 9) == nil)
        #expect(Gzip.compress(Array(repeating: 7, count: Gzip.least - 1), level: 9) == nil)
        #expect(Gzip.compress((0..<5000).map { _ in UInt8.random(in: 0...255) }, level: 9) == nil)
    }
}
