import ConfigurationFiles
import Foundation
import TestSupport
import Testing

@testable import Images

@Suite struct ImageLibraryTests {
    /// The images Nestbox comes with.
    private static let images = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("images").path

    private func library(_ images: [String: String]) throws -> ImageLibrary {
        let directory = try TemporaryDirectory()
        for (name, extra) in images {
            try directory.write(Fixtures.yaml(name: name, extra: extra), to: "\(name)/image.yaml")
        }
        return try ImageLibrary(directory: directory.path)
    }

    @Test func findsByNameAliasAndExtension() throws {
        let library = try library(["one": "aliases: [uno]\nextensions: [o1]", "two": "extensions: [t2, one]"])
        #expect(library.images.map(\.name) == ["one", "two"])
        #expect(try library.image(named: "one").name == "one")
        #expect(try library.image(named: "Uno").name == "one")
        #expect(try library.image(forFile: "/a/b.c/x.O1").name == "one")
        #expect(try library.image(forFile: "x.t2.one").name == "two")
    }

    @Test func unknownLanguageSuggestsAndLists() throws {
        let library = try library(["python": "aliases: [py]\nextensions: [py]", "ruby": ""])
        let error = try #require(throws: ImageError.self) { try library.image(named: "pyhton") }
        #expect(error.code == .unknownImage)
        #expect(error.message == "there is no image for language \"pyhton\"; did you mean \"python\"?")
        #expect(error.known == ["python", "ruby"])
        for file in ["main", ".py", "main.", "main.rs", "dir.py/main"] {
            let error = try #require(throws: ImageError.self) { try library.image(forFile: file) }
            #expect(error.code == .unknownImage)
        }
    }

    @Test func versionsOfALanguage() throws {
        let library = try library([
            "lua": "release: {version: 5.4}\naliases: [luajit]", "lua5.1": "language: lua\nrelease: {version: 5.1}",
            "lua5.10": "language: lua\nrelease: {version: 5.10}", "ruby": "",
        ])
        #expect(library.versions(of: "lua").map(\.name) == ["lua", "lua5.1", "lua5.10"])
        for (word, name) in [
            ("lua", "lua"), ("lua@5", "lua"), ("lua@5.4", "lua"), ("LUA@5.1", "lua5.1"), ("luajit@5.10", "lua5.10"),
            ("lua5.1@5.1", "lua5.1"),
        ] {
            #expect(try library.image(named: word).name == name, "\(word)")
        }
        for (word, expected) in [
            ("lua@5.2", "there is lua@5.4, lua@5.1, lua@5.10"), ("lua@", "no version \"\""), ("lua@5.4.6", "lua@5.4"),
            ("lua5.1@5.4", "there is lua@5.1"), ("ruby@3", "its versions are not known"), ("@3", "no image for"),
            ("lua@5@4", "no version \"5@4\""),
        ] {
            let error = try #require(throws: ImageError.self) { try library.image(named: word) }
            #expect(error.code == .unknownImage && error.message.contains(expected), "\(error.message)")
        }
    }

    @Test func aVersionSaysWhichAndOfWhat() throws {
        for (extra, expected) in [
            ("language: two", "release: found nothing"),
            ("language: two\nrelease: {version: 1}", "\"1\", which image two has too"),
            ("language: three\nrelease: {version: 2}", "\"three\""),
        ] {
            let error = try #require(throws: ConfigurationError.self) {
                try library([
                    "two": "release: {version: 1}", "three": "language: two\nrelease: {version: 3}", "one": extra,
                ])
            }
            #expect(error.description.contains(expected), "\(error)")
        }
    }

    @Test func collisionsAreDiagnostics() throws {
        for (first, second) in [
            ("aliases: [x]", "aliases: [x]"), ("aliases: [two]", ""), ("extensions: [e]", "extensions: [e]"),
        ] {
            let error = try #require(throws: ConfigurationError.self) { try library(["one": first, "two": second]) }
            #expect(error.description.contains("which image one has too"))
        }
    }

    @Test func directoryAndNameAgree() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Fixtures.yaml(name: "other"), to: "demo/image.yaml")
        try directory.write("no image", to: "notes/README")
        let error = try #require(throws: ConfigurationError.self) { try ImageLibrary(directory: directory.path) }
        #expect(error.description.contains("demo/image.yaml:2: name: found \"other\""))
    }

    @Test func anImageReplacesTheOneOfItsName() throws {
        let (shipped, own) = (try TemporaryDirectory(), try TemporaryDirectory())
        try shipped.write(Fixtures.yaml(name: "one", extra: "aliases: [uno]\nextensions: [o1]"), to: "one/image.yaml")
        try shipped.write(Fixtures.yaml(name: "two"), to: "two/image.yaml")
        try own.write(Fixtures.yaml(name: "one", extra: "aliases: [ein]"), to: "one/image.yaml")
        try own.write(Fixtures.yaml(name: "three", extra: "extensions: [o1]"), to: "three/image.yaml")
        let library = try ImageLibrary(directories: [shipped.path, own.path, "/nowhere/at/all"])
        #expect(library.images.map(\.name) == ["one", "three", "two"])
        #expect(try library.image(named: "ein").directory == own.path + "/one")
        #expect(try library.image(forFile: "x.o1").name == "three")
        #expect(throws: ImageError.self) { try library.image(named: "uno") }
        #expect(library.replaced == [own.path + "/one": shipped.path + "/one"])
    }

    @Test func aDiagnosticDisablesItsImageAndItsVersionsAndNothingElse() throws {
        let (shipped, own) = (try TemporaryDirectory(), try TemporaryDirectory())
        try shipped.write(Fixtures.yaml(name: "lua", extra: "release: {version: 5.4}"), to: "lua/image.yaml")
        try shipped.write(
            Fixtures.yaml(name: "lua5.1", extra: "language: lua\nrelease: {version: 5.1}"), to: "lua5.1/image.yaml")
        try shipped.write(Fixtures.yaml(name: "two", extra: "extensions: [t]"), to: "two/image.yaml")
        // Not the shipped one in its place: whoever replaced it did not want that.
        try own.write(Fixtures.yaml(name: "lua", extra: "aliasses: [x]"), to: "lua/image.yaml")
        try own.write(Fixtures.yaml(name: "aaa", extra: "extensions: [t]"), to: "aaa/image.yaml")
        let library = try ImageLibrary.usable(directories: [shipped.path, own.path])
        #expect(library.images.map(\.name) == ["two"])
        #expect(library.broken.keys.sorted() == ["aaa", "lua", "lua5.1"])
        #expect(library.names == ["aaa", "lua", "lua5.1", "two"])
        #expect(library.diagnostics?.diagnostics.count == 2)
        // Of two that claim the same the shipped one holds.
        #expect(library.broken["aaa"]?.description.contains("\"t\", which image two has too") == true)
        for name in ["lua", "LUA", "lua5.1", "lua@5.1"] {
            let error = try #require(throws: ImageError.self) { try library.image(named: name) }
            #expect(error.code == .brokenDescription && error.message.contains("lua/image.yaml:"), "\(error)")
            #expect(!error.message.contains(own.path), "\(error)")
        }
        let unknown = try #require(throws: ImageError.self) { try library.image(forFile: "x.luac") }
        #expect(unknown.message.contains("disabled by errors in their descriptions: aaa, lua, lua5.1"))
        #expect(throws: ConfigurationError.self) { try ImageLibrary(directories: [shipped.path, own.path]) }
        try FileManager.default.removeItem(atPath: shipped.path + "/two")
        try FileManager.default.removeItem(atPath: own.path + "/aaa")
        #expect(throws: ConfigurationError.self) { try ImageLibrary.usable(directories: [shipped.path, own.path]) }
    }

    @Test func aDescriptionThatCannotBeReadIsADiagnosticNotAnAbsence() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Fixtures.yaml(name: "one"), to: "one/image.yaml")
        try FileManager.default.createDirectory(atPath: directory.path + "/two", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/two/image.yaml", withDestinationPath: directory.path + "/nowhere")
        let library = try ImageLibrary.usable(directories: [directory.path])
        #expect(library.images.map(\.name) == ["one"] && library.broken.keys.sorted() == ["two"])
    }

    @Test func missingDirectoryIsAnError() {
        #expect(throws: ConfigurationError.self) { try ImageLibrary(directory: "/nowhere/at/all") }
    }

    @Test func shippedImagesAreGood() throws {
        let library = try ImageLibrary(directory: Self.images)
        #expect(Set(library.images.map(\.name)).isSuperset(of: ["bash", "c", "cpp", "java", "node", "python"]))
        #expect(Set(library.images.map(\.name)).isSuperset(of: ["lua", "perl", "php", "r", "ruby"]))
        for (file, name) in [
            ("a.py", "python"), ("a.js", "node"), ("a.sh", "bash"), ("a.c", "c"), ("a.cc", "cpp"), ("A.java", "java"),
            ("a.rb", "ruby"), ("a.pl", "perl"), ("a.php", "php"), ("a.lua", "lua"), ("a.R", "r"),
        ] {
            #expect(try library.image(forFile: file).name == name)
        }
        let store = ImageStore(state: "/nowhere")
        let shared = try ["bash", "c", "node", "python"].map { name in
            try store.digest(of: library.image(named: name).root)
        }
        #expect(Set(shared).count == 1)
    }

    /// g++ silently ignores a precompiled header that was made with other flags.
    @Test func precompiledHeadersAreMadeWithTheFlagsOfTheCompileStep() throws {
        let image = try ImageLibrary(directory: Self.images).image(named: "cpp")
        guard case .debian(let root) = image.root, let compile = image.compile else {
            Issue.record("cpp has no debian root or no compile step")
            return
        }
        let flags = compile.run.words.filter { $0.hasPrefix("-O") || $0.hasPrefix("-std=") || $0.hasPrefix("-W") }
            .joined(separator: " ")
        // The headers are made with them, and the front end knows the compile step by them.
        #expect(root.setup.contains { $0 == "sh /usr/lib/nestbox/make-pch \(flags)" })
        #expect(root.setup.contains { $0.hasPrefix("sh /usr/lib/nestbox/make-cc ") && $0.contains(" g++ \(flags) ") })
    }
}
