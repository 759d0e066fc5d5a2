import RunModel
import SandboxSpec
import SessionExecution
import TestSupport
import Testing
import WorkspaceService

@Suite("Archives of others")
struct ForeignTarTests {
    private static let bounds = ForeignTar.Bounds(bytes: 10_000, entries: 10)

    /// A header as tar(1) writes it, of any type and name.
    static func header(_ name: String, type: Character = "0", size: Int = 0, link: String = "") -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, 0)
        put("0000644\0", 100)
        let octal = String(size, radix: 8)
        put(String(repeating: "0", count: 11 - octal.count) + octal, 124)
        put("00000000000", 136)
        put("        ", 148)
        put(String(type), 156)
        put(link, 157)
        put("ustar\u{0}00", 257)
        let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", 148)
        return header
    }

    private static func file(_ name: String, _ content: String, type: Character = "0") -> [UInt8] {
        let bytes = Array(content.utf8)
        return header(name, type: type, size: bytes.count) + bytes
            + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }

    private static func convert(
        _ tar: [UInt8], into folder: String? = nil, pieces: Int = .max
    ) throws -> [UInt8] {
        var foreign = ForeignTar(into: try folder.map { try BoxPath($0) }, bounds)
        var output: [UInt8] = []
        var rest = tar[...]
        while !rest.isEmpty {
            output += try foreign.take(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
        }
        return try output + foreign.finish()
    }

    @Test(
        "files, folders and links go through, in whatever pieces they come", arguments: [1, 7, 511, 512, 513, 100_000])
    func pieces(_ size: Int) throws {
        let tar =
            Self.header("./") + Self.header("./a/", type: "5") + Self.file("./a/b", "hello")
            + Self.header("l", type: "2", link: "a/b") + Self.file("e", "") + [UInt8](repeating: 0, count: 1024)
        let expected = try Self.convert(tar)
        #expect(try Self.convert(tar, pieces: size) == expected)
        #expect(expected.count == 4 * 512 + 512 + 1024)
        #expect(String(decoding: expected[0..<1], as: UTF8.self) == "a" && expected[156] == UInt8(ascii: "5"))
        let inFolder = try Self.convert(tar, into: "x/y", pieces: size)
        #expect(String(decoding: inFolder[512..<519], as: UTF8.self) == "x/y/a/b")
    }

    @Test("long names of GNU and of pax are understood")
    func longNames() throws {
        let name = String(repeating: "d", count: 60) + "/" + String(repeating: "f", count: 80)
        let record = " path=\(name)\n"
        let pax = "\(record.utf8.count + 3)\(record)"
        for aside in [Self.file("././@LongLink", name + "\0", type: "L"), Self.file("pax", pax, type: "x")] {
            let converted = try Self.convert(aside + Self.file("short", "x") + [UInt8](repeating: 0, count: 512))
            #expect(String(decoding: converted[345..<405], as: UTF8.self) == String(repeating: "d", count: 60))
            #expect(String(decoding: converted[0..<80], as: UTF8.self) == String(repeating: "f", count: 80))
        }
    }

    @Test(
        "what leads out, is no file, is cut off, or is too much refuses the whole",
        arguments: [
            file("../x", "1"), file("/etc/x", "1"), file("a/../../x", "1"), file("a//b", "1"),
            header("fifo", type: "6"),
            header("dev", type: "3"), header("block", type: "4"), header("hard", type: "1", link: "a"),
            header("odd", type: "Z"), header("big", size: 10_001), Array(file("cut", "content").prefix(515)),
            [UInt8](repeating: 0x41, count: 512), (0..<11).flatMap { file("f\($0)", "") },
            header("long", type: "L", size: 70_000), header("l", type: "2", link: ""),
            file("p", "11 size=-1\n", type: "x") + header("n"),
        ])
    func refused(_ tar: [UInt8]) {
        #expect(throws: APIError.self) { try Self.convert(tar) }
    }

    @Test("any bytes are refused or bounded, and none is a fault")
    func noise() throws {
        var generator = SeededGenerator(seed: 3)
        for round in 0..<500 {
            var tar =
                Self.file("a", "hello") + Self.header("b", type: "5") + Self.file("c", "x")
                + [UInt8](repeating: 0, count: 1024)
            for _ in 0..<(round % 8 + 1) {
                tar[Int.random(in: 0..<tar.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            do {
                #expect(try Self.convert(tar).count <= tar.count + 2048)
            } catch is APIError {}
        }
    }
}
