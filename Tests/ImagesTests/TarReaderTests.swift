import Testing

@testable import Images

/// Bytes in memory.
final class ArraySource: ByteSource {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(_ count: Int) -> [UInt8] {
        let bytes = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        return bytes
    }

    func skip(_ count: Int64) { rest = rest.dropFirst(Int(count)) }
}

@Suite struct TarReaderTests {
    private func entries(_ bytes: [UInt8]) throws -> [(entry: TarEntry, content: [UInt8])] {
        var reader = TarReader(ArraySource(bytes))
        var found: [(TarEntry, [UInt8])] = []
        while let entry = try reader.next() { found.append((entry, try reader.read(1 << 20))) }
        return found
    }

    private func paths(_ tar: TarBuilder) throws -> [String] {
        try entries(tar.finished).map { String(decoding: $0.entry.path, as: UTF8.self) }
    }

    @Test func readsPlainMembers() throws {
        let tar = TarBuilder().directory("a/").file("a/b", String(repeating: "x", count: 513), mode: 0o4755)
            .symbolicLink("l", to: "/etc").hardLink("h", to: "a/b")
        let found = try entries(tar.finished)
        #expect(found.map(\.entry.kind) == [.directory, .file, .symbolicLink, .hardLink])
        #expect(found[1].content.count == 513)
        #expect(found[1].entry.mode == 0o4755 && found[1].entry.modified == 1_000_000)
        #expect(found[2].entry.target == Array("/etc".utf8))
    }

    @Test func readsLongNames() throws {
        let long = String(repeating: "d/", count: 80) + "file"
        #expect(try paths(TarBuilder().pax(["path": long]).file("short")) == [long])
        #expect(try paths(TarBuilder().longName(long).file("short").file("next")) == [long, "next"])
        #expect(try paths(TarBuilder().raw(TarBuilder.header("name", prefix: "pre/fix"))) == ["pre/fix/name"])
        #expect(
            try paths(TarBuilder().raw(TarBuilder.header("n", prefix: "zzz", magic: "ustar  \u{0}"))) == ["n"])
        let link = try entries(TarBuilder().longName(long, type: "K").symbolicLink("l", to: "x").finished)
        #expect(link[0].entry.target == Array(long.utf8))
        let global = TarBuilder.header("g", type: "g", size: 5) + TarBuilder.padded(Array("hello".utf8))
        #expect(try paths(TarBuilder().raw(global).file("after")) == ["after"])
    }

    @Test func paxSizeAndTimeCount() throws {
        let tar = TarBuilder().pax(["size": "3", "mtime": "12.75"])
            .raw(TarBuilder.header("f") + TarBuilder.padded(Array("abc".utf8))).file("next", "n")
        let found = try entries(tar.finished)
        #expect(found[0].content == Array("abc".utf8))
        #expect(found[0].entry.modified == 12)
        #expect(found[1].content == Array("n".utf8))
    }

    @Test func sizesInBase256() throws {
        var size = [UInt8](repeating: 0, count: 12)
        size[0] = 0x80
        size[11] = 2
        let tar = TarBuilder().raw(TarBuilder.header("f", sizeField: size) + TarBuilder.padded([7, 8]))
        #expect(try entries(tar.finished)[0].content == [7, 8])
    }

    /// Name and bytes of an archive; only the name is shown.
    struct Malformed: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        init(_ name: String, _ bytes: [UInt8]) {
            testDescription = name
            self.bytes = bytes
        }
    }

    @Test(arguments: [
        Malformed("wrong checksum", TarBuilder.header("a", checksumOff: 1)),
        Malformed("size no octal", TarBuilder.header("a", sizeField: Array("99999999999\0".utf8))),
        Malformed("negative size", TarBuilder.header("a", sizeField: Array("-0000000001\0".utf8))),
        Malformed("huge size", TarBuilder.header("a", sizeField: [UInt8](repeating: 0xff, count: 12))),
        Malformed(
            "huge size in base 256", TarBuilder.header("a", sizeField: [0x80] + [UInt8](repeating: 0xff, count: 11))),
        Malformed("torn header", Array(TarBuilder.header("a").prefix(100))),
        Malformed("torn file", TarBuilder.header("a", size: 100) + [1, 2, 3]),
        Malformed("sparse file", TarBuilder.header("a", type: "S")),
        Malformed("volume header", TarBuilder.header("a", type: "V")),
        Malformed("huge extension", TarBuilder.header("x", type: "x", size: 1 << 30)),
        Malformed("torn extension", TarBuilder.header("x", type: "x", size: 512) + Array("12 path=a\n".utf8)),
        Malformed(
            "record without length", TarBuilder.header("x", type: "x", size: 3) + TarBuilder.padded(Array("abc".utf8))),
        Malformed(
            "record too long",
            TarBuilder.header("x", type: "x", size: 12) + TarBuilder.padded(Array("99 path=abc\n".utf8))),
        Malformed(
            "record without =",
            TarBuilder.header("x", type: "x", size: 12) + TarBuilder.padded(Array("12 path abc\n".utf8))),
        Malformed("negative pax size", TarBuilder().pax(["size": "-1"]).file("a").bytes),
        Malformed("huge pax size", TarBuilder().pax(["size": "99999999999999999999"]).file("a").bytes),
        Malformed("pax sparse", TarBuilder().pax(["GNU.sparse.major": "1"]).file("a").bytes),
        Malformed("extension at the end", TarBuilder().pax(["path": "a"]).finished),
        Malformed(
            "many extensions", (0..<12).reduce(TarBuilder()) { tar, _ in tar.pax(["path": "a"]) }.file("a").bytes),
        Malformed("text", [UInt8](repeating: 0x41, count: 512)),
    ])
    func malformedIsAnError(archive: Malformed) throws {
        let error = try #require(throws: ImageError.self) { try entries(archive.bytes) }
        #expect(error.code == .badArchive)
    }

    /// No input makes the reader trap: every truncation and many flipped bytes of a good archive.
    @Test func damageNeverTraps() throws {
        let good = TarBuilder().directory("a").pax(["path": "p", "size": "2"]).file("f", "xy").longName("long")
            .file("g", "z").symbolicLink("l", to: "t").finished
        for length in stride(from: 0, to: good.count, by: 37) { _ = try? entries(Array(good.prefix(length))) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = good
            for _ in 0..<4 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? entries(bytes)
        }
    }
}
