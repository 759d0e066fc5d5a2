import Foundation
import Images
import RunModel
import RunPlanning
import RunService
import Testing

@testable import RunAPI

@Suite("What the API says of languages")
final class LanguageTests {
    private let directory = FileManager.default.temporaryDirectory.path + "/nestbox-languages-" + UUID().uuidString

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    private func write(_ text: String, to name: String) throws {
        let url = URL(fileURLWithPath: directory + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url, options: .atomic)
    }

    /// Two languages: c, a version of nothing, and a newer one of it.
    private func writeImages() throws {
        try write(
            """
            version: 1
            name: c
            aliases: [gcc]
            description: C17
            extensions: [c, h]
            release: {version: 12, package: gcc-12}
            editor: text/x-csrc
            root: {debian: bookworm, packages: [gcc]}
            file: main.c
            compile: {run: [gcc, "{options}", -o, main, "{main}"], options: [-lm, -O*], produces: [main]}
            run: [./main]
            artifacts: ["*.png"]
            check: {code: x, stdin: "in\\n", stdout: y}

            """, to: "images/c/image.yaml")
        try write(
            """
            version: 1
            name: c-new
            language: c
            release: {version: 13}
            root: {host: true}
            file: main.c
            run: [tcc, main.c]
            check: {code: x, stdout: y}

            """, to: "images/c-new/image.yaml")
    }

    private func languages(_ services: RunAPIServices) throws -> [String: [String: Any]] {
        let bytes = try JSONText.encode(CatalogRoutes(services: services).languages)
        let list = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]])
        return Dictionary(uniqueKeysWithValues: list.map { ($0["name"] as? String ?? "", $0) })
    }

    @Test("All that can be known is said, also of what is not built, with what to do")
    func unbuilt() throws {
        try writeImages()
        let services = try RunAPIFixture(images: directory + "/images", state: directory + "/state").services
        let all = try languages(services)
        let c = try #require(all["c"])
        #expect(c["aliases"] as? [String] == ["gcc"])
        #expect(c["language"] as? String == "c")
        #expect(c["version"] as? String == "12")
        #expect(c["editor"] as? String == "text/x-csrc")
        #expect(c["chooses_main"] as? Bool == true)
        #expect(c["steps"] as? [String] == ["compile", "run"])
        #expect(c["compiler_options"] as? [String] == ["-lm", "-O*"])
        #expect(c["checks"] as? [String] == ["syntax"])
        #expect(c["sessions"] as? Bool == false)
        #expect(c["artifacts"] as? [String] == ["*.png"])
        #expect(c["sample"] as? String == "x")
        #expect(c["sample_stdin"] as? String == "in\n")
        #expect(c["available"] as? Bool == false)
        #expect(c["reason"] as? String == "image c is not built: run `nestbox image build c`")
        let new = try #require(all["c-new"])
        #expect(new["language"] as? String == "c")
        #expect(new["version"] as? String == "13")
        #expect(new["editor"] is NSNull)
        #expect(new["chooses_main"] as? Bool == false)
        #expect(new["compiler_options"] as? [String] == [])
        #expect(new["checks"] as? [String] == [])
        // The policy is that of the language.
        #expect(new["policy"] as? String == "c")
        #expect(new["available"] as? Bool == true && new["reason"] is NSNull)
        for language in all.values { #expect(language.count == 20, "\(language.keys.sorted())") }
    }

    @Test("The version is that of the package in the root, also when the root is built again")
    func exactVersion() throws {
        try writeImages()
        let services = try RunAPIFixture(images: directory + "/images", state: directory + "/state").services
        #expect(try languages(services)["c"]?["version"] as? String == "12")
        let catalog = services.runs.catalog
        let image = try catalog.content.images.image(named: "c")
        let digest = "\(try catalog.store.digest(of: image.root))"
        try FileManager.default.createDirectory(
            atPath: "\(directory)/state/roots/\(digest)", withIntermediateDirectories: true)
        for version in ["12.2.0", "12.3.0"] {
            try write(
                """
                {"version": 1, "digest": "\(digest)", "kind": "debian", "description": "", "images": ["c"], "created": 0,
                 "bytes": 1, "files": 1, "packages": [{"name": "gcc-12", "version": "\(version)-14"}]}
                """, to: "state/roots/\(digest).json")
            let c = try #require(try languages(services)["c"])
            #expect(c["version"] as? String == version)
            #expect(c["available"] as? Bool == true && c["reason"] is NSNull)
        }
    }
}
