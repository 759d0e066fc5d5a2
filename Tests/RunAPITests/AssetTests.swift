import Foundation
import Testing

@testable import RunAPI

@Suite("Files of the page")
final class AssetTests {
    private let directory = FileManager.default.temporaryDirectory.path + "/nestbox-assets-" + UUID().uuidString
    private static let web = RunAPIFixture.repository + "/Sources/RunAPI/Web"

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A web directory of one's own.
    private func assets(_ files: [String: String] = [:]) throws -> Assets {
        let standard = [
            "index.html": "<link href=\"/assets/a.css\">", "docs.html": "docs", "repl.html": "repl",
            "admin.html": "admin", "head.html": "",
            "nestbox.js": "client;\n",
            "nestbox-node.js": "node;\n", "nestbox.d.ts": "types", "a.css": "a", "samples/python/a.py": "print()",
            ".hidden": "no",
        ]
        try? FileManager.default.removeItem(atPath: directory)
        for (name, text) in standard.merging(files, uniquingKeysWith: { $1 }) {
            let url = URL(fileURLWithPath: directory + "/" + name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return try Assets(web: directory, codeMirror: "/nonexistent")
    }

    private func text(_ file: Assets.File?) -> String? { file.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test("the page names its parts by their version, and those may be kept for ever")
    func versions() throws {
        let assets = try assets()
        #expect(text(assets.file("/")?.file) == "<link href=\"/assets/~\(assets.version)/a.css\">")
        #expect(assets.file("/")?.isPermanent == false)
        let part = try #require(assets.file("/assets/~\(assets.version)/a.css"))
        #expect(text(part.file) == "a" && part.isPermanent)
        #expect(part.file.type == "text/css; charset=utf-8")
        #expect(assets.file("/assets/a.css")?.isPermanent == false)
    }

    @Test("every change of a file makes another version; the same files make the same")
    func changes() throws {
        let before = try assets().version
        #expect(try assets().version == before)
        #expect(try assets(["a.css": "b"]).version != before)
        #expect(try assets(["b.css": ""]).version != before)
        #expect(try assets(["samples/python/a.py": "print(1)"]).version != before)
    }

    @Test("another version gets what there is, and asks again the next time", arguments: ["0", "", "../x", "~~"])
    func otherVersions(version: String) throws {
        let assets = try assets()
        let part = assets.file("/assets/~\(version)/a.css")
        if !version.contains("/") { #expect(text(part?.file) == "a") }
        #expect(part?.isPermanent != true)
        #expect(assets.file("/assets/~\(version)") == nil)
        #expect(assets.file("/assets/~\(version)/../a.css") == nil)
    }

    @Test("what is handed out to Node holds what only Node needs; the page's own does not")
    func clients() throws {
        let assets = try assets()
        for path in ["/nestbox.js", "/nestbox.mjs"] {
            #expect(text(assets.file(path)?.file) == "client;\nnode;\n")
            #expect(assets.file(path)?.file.type == "text/javascript; charset=utf-8")
        }
        #expect(text(assets.file("/assets/nestbox.js")?.file) == "client;\n")
        #expect(assets.file("/nestbox.d.mts")?.file.type == "text/plain; charset=utf-8")
    }

    @Test("examples are text, and hidden files are nobody's")
    func samples() throws {
        let assets = try assets()
        #expect(assets.file("/assets/samples/python/a.py")?.file.type == "text/plain; charset=utf-8")
        #expect(assets.file("/assets/.hidden") == nil)
    }

    @Test("all that the page loads before it can be used fits into 48 KiB")
    func size() throws {
        let assets = try Assets(web: Self.web, codeMirror: "/nonexistent")
        let page = try #require(text(assets.file("/")?.file))
        let paths = page.matches(of: /"(\/assets\/[^"]+)"/).map { String($0.1) }
        #expect(paths.count > 15)
        var sum = page.utf8.count / 3
        for path in Set(paths) {
            let (file, isPermanent) = try #require(assets.file(path), "\(path)")
            #expect(isPermanent)
            sum += (file.gzip ?? file.bytes).count
        }
        #expect(sum < 49_152, "\(sum)")
    }
}
