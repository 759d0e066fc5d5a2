import Foundation
import Glibc
import TestSupport
import Testing

@testable import Images

@Suite struct LayerExtractorTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        mkdir(directory.path + "/root", 0o755)
    }

    private func apply(_ layers: TarBuilder..., budget: ExtractionBudget = ExtractionBudget()) throws {
        var extractor = try LayerExtractor(
            directory: directory.path + "/root", budget: budget, cancellation: BuildCancellation())
        for layer in layers { try extractor.apply(LayerStream(ArraySource(layer.finished), budget: budget)) }
    }

    private func text(_ name: String) throws -> String { try directory.text("root/" + name) }
    private func has(_ name: String) -> Bool { directory.has("root/" + name) }

    @Test func laysDownLayers() throws {
        try apply(
            TarBuilder().directory("./").directory("./bin/", mode: 0o1777).file("./bin/a", "one", mode: 0o6755)
                .symbolicLink("lib", to: "/usr/lib").hardLink("bin/b", to: "bin/a").file("deep/er/file", "implicit"),
            TarBuilder().file("bin/a", "two"))
        #expect(try text("bin/a") == "two")
        #expect(try text("bin/b") == "one")
        #expect(directory.mode("root/bin/b") == 0o755)
        #expect(directory.mode("root/bin") == 0o1777)
        #expect(directory.link("root/lib") == "/usr/lib")
        #expect(try text("deep/er/file") == "implicit")
        var status = stat()
        lstat(directory.path + "/root/bin/b", &status)
        #expect(status.st_mtim.tv_sec == 1_000_000)
    }

    @Test func kindsReplaceEachOther() throws {
        try apply(
            TarBuilder().directory("a").file("a/x", "x").file("b", "file").symbolicLink("c", to: "/etc"),
            TarBuilder().file("a", "now a file").directory("b").directory("c").file("c/y", "y"))
        #expect(try text("a") == "now a file")
        #expect(directory.link("root/c") == nil)
        #expect(try text("c/y") == "y")
    }

    @Test func whiteoutsHideLowerLayers() throws {
        try apply(
            TarBuilder().file("a", "1").file("d/x", "1").file("d/y", "1").directory("e/sub").file("e/sub/f", "1")
                .file("e/g", "1").file("keep", "1"),
            TarBuilder().file("d/.wh.x").file(".wh.a").file("e/new", "2").file("e/.wh..wh..opq").file("e/sub/h", "2")
                .file(".wh.missing").file("no/such/.wh.dir").file(".wh..wh.plnk", "x"))
        #expect(!has("a") && !has("d/x") && has("d/y") && has("keep"))
        #expect(!has("e/g") && has("e/new") && has("e/sub/h"))
        #expect(!has(".wh.a") && !has("e/.wh..wh..opq") && !has(".wh..wh.plnk") && !has("no"))
    }

    @Test func opaqueSparesItsOwnLayer() throws {
        try apply(
            TarBuilder().file("d/old", "1").file("d/sub/old", "1").file("e/old", "1"),
            TarBuilder().file("e/new", "2").file(".wh.e").file("d/sub/new", "2").file("d/.wh..wh..opq").file(
                "d/.wh.new2"
            ).file("d/new2", "2"))
        #expect(!has("d/old") && !has("d/sub/old") && !has("e/old") && has("e/new"))
        #expect(try text("d/sub/new") == "2" && text("d/new2") == "2")
    }

    @Test func devicesArePassedOver() throws {
        try apply(
            TarBuilder().raw(TarBuilder.header("dev/null", type: "3")).raw(TarBuilder.header("p", type: "6"))
                .raw(TarBuilder.header("b", type: "4")).file("ok", "x"))
        #expect(!has("dev/null") && !has("p") && !has("b") && has("ok"))
    }

    /// What leads out of the tree, each a layer of its own or two.
    struct Hostile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let layers: [TarBuilder]

        init(_ name: String, _ layers: TarBuilder...) {
            testDescription = name
            self.layers = layers
        }
    }

    @Test(arguments: [
        Hostile("parent directory", TarBuilder().file("../evil", "x")),
        Hostile("parent in the middle", TarBuilder().file("a/../../evil", "x")),
        Hostile("absolute", TarBuilder().file("/evil", "x")),
        Hostile("absolute by pax", TarBuilder().pax(["path": "/tmp/evil"]).file("a", "x")),
        Hostile("parent by long name", TarBuilder().longName("../../evil").file("a", "x")),
        Hostile("parent by prefix", TarBuilder().raw(TarBuilder.header("evil", prefix: ".."))),
        Hostile("through a link", TarBuilder().symbolicLink("a", to: "../outside").file("a/evil", "x")),
        Hostile("link, next layer", TarBuilder().symbolicLink("a", to: "/tmp"), TarBuilder().file("a/b/evil", "x")),
        Hostile("directory through a link", TarBuilder().symbolicLink("a", to: "..").directory("a/evil")),
        Hostile("link through a link", TarBuilder().symbolicLink("a", to: "..").symbolicLink("a/evil", to: "x")),
        Hostile("hard link out", TarBuilder().hardLink("evil", to: "../outside/secret")),
        Hostile("hard link absolute", TarBuilder().hardLink("evil", to: "/etc/passwd")),
        Hostile(
            "hard link through a link", TarBuilder().symbolicLink("a", to: "../outside").hardLink("e", to: "a/secret")),
        Hostile("hard link to a link", TarBuilder().symbolicLink("a", to: "../outside/secret").hardLink("e", to: "a")),
        Hostile("hard link to nothing", TarBuilder().hardLink("e", to: "nothing")),
        Hostile("whiteout of ..", TarBuilder().file("d/.wh...")),
        Hostile("whiteout of .", TarBuilder().file("d/.wh..")),
        Hostile("whiteout of nothing", TarBuilder().file("d/.wh.")),
        Hostile("root as a file", TarBuilder().file("./", "x").symbolicLink(".", to: "/")),
        Hostile("too deep", TarBuilder().pax(["path": String(repeating: "d/", count: 200)]).file("x")),
        Hostile("long component", TarBuilder().pax(["path": String(repeating: "n", count: 300)]).file("x")),
        Hostile("NUL in a path", TarBuilder().pax(["path": "a\u{0}b"]).file("x")),
        Hostile("empty link", TarBuilder().symbolicLink("a", to: "")),
        Hostile("below a file", TarBuilder().file("a", "x").file("a/b", "x")),
    ])
    func hostileArchivesAreRefused(archive: Hostile) throws {
        try directory.write("secret", to: "outside/secret")
        let before = directory.names
        let error = try #require(throws: ImageError.self) {
            let budget = ExtractionBudget()
            var extractor = try LayerExtractor(
                directory: directory.path + "/root", budget: budget, cancellation: BuildCancellation())
            for layer in archive.layers { try extractor.apply(ArraySource(layer.finished)) }
        }
        #expect(error.code == .badArchive, "\(error)")
        #expect(directory.names == before)
        #expect(try directory.text("outside/secret") == "secret")
        var status = stat()
        lstat(directory.path + "/outside/secret", &status)
        #expect(status.st_nlink == 1)
    }

    @Test func whiteoutThroughALinkDoesNothing() throws {
        try directory.write("secret", to: "outside/secret")
        try apply(
            TarBuilder().symbolicLink("a", to: "../outside"),
            TarBuilder().file("a/.wh.secret").file("a/.wh..wh..opq"))
        #expect(try directory.text("outside/secret") == "secret")
    }

    @Test func sizeAndCountAreBounded() throws {
        let big = TarBuilder().file("a", [UInt8](repeating: 0, count: 100_000))
        let size = try #require(throws: ImageError.self) {
            try apply(big, budget: ExtractionBudget(maximumBytes: 50_000))
        }
        #expect(size.code == .badArchive && size.message.contains("50000"))
        let many = (0..<11).reduce(TarBuilder()) { tar, index in tar.file("f\(index)") }
        #expect(throws: ImageError.self) { try apply(many, budget: ExtractionBudget(maximumEntries: 10)) }
        try apply(many, budget: ExtractionBudget(maximumEntries: 11))
    }
}
