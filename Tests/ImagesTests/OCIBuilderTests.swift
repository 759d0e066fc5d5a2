import Foundation
import Glibc
import TestSupport
import Testing

@testable import Images

/// Lays images out on the disk, as a directory or an archive.
private struct LayoutMaker {
    var blobs: [String: [UInt8]] = [:]

    @discardableResult
    mutating func add(_ bytes: [UInt8]) -> String {
        let digest = ContentDigest(of: bytes).description
        blobs["blobs/sha256/" + digest] = bytes
        return #"{"mediaType":"application/x","digest":"sha256:\#(digest)","size":\#(bytes.count)"#
    }

    /// Adds an image and returns its descriptor, without the closing brace.
    mutating func image(
        _ layers: [(blob: [UInt8], content: [UInt8])], architecture: String = OCISource.architecture
    ) -> String {
        let contents = layers.map { "\"sha256:\(ContentDigest(of: $0.content))\"" }.joined(separator: ",")
        let configuration = add(
            Array(
                #"{"architecture":"\#(architecture)","os":"linux","rootfs":{"type":"layers","diff_ids":[\#(contents)]}}"#
                    .utf8))
        let descriptors = layers.map { add($0.blob) + "}" }.joined(separator: ",")
        return add(Array(#"{"schemaVersion":2,"config":\#(configuration)},"layers":[\#(descriptors)]}"#.utf8))
    }

    mutating func index(_ manifests: [String]) {
        blobs["index.json"] = Array(#"{"schemaVersion":2,"manifests":[\#(manifests.joined(separator: ","))]}"#.utf8)
        blobs["oci-layout"] = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
    }

    func write(to directory: TemporaryDirectory, _ name: String) throws -> String {
        for (path, bytes) in blobs { try directory.write(bytes, to: name + "/" + path) }
        return directory.path + "/" + name
    }

    func archive(to directory: TemporaryDirectory, _ name: String) throws -> String {
        var tar = TarBuilder()
        for (path, bytes) in blobs.sorted(by: { $0.key < $1.key }) { tar = tar.file(path, bytes) }
        return try directory.write(tar.finished, to: name)
    }
}

@Suite(.enabled(if: geteuid() == 0)) struct OCIBuilderTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func image(_ path: String, reference: String? = nil) throws -> Image {
        try Fixtures.image(root: .oci(OCIRoot(path: path, reference: reference)))
    }

    private func build(_ path: String, reference: String? = nil) async throws -> String {
        try await ImageStore(state: directory.path + "/state").build(image(path, reference: reference)).path
    }

    private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = try directory.write(bytes, to: UUID().uuidString)
        try BuildProgram(executable: "/bin/gzip", arguments: ["-n", file])
            .run(name: "gzip", cancellation: BuildCancellation()) { _ in }
        return Array(try Data(contentsOf: URL(fileURLWithPath: file + ".gz")))
    }

    private let base = TarBuilder().file("bin/sh", "shell", mode: 0o4755).file("gone", "x").finished
    private let upper = TarBuilder().file(".wh.gone").file("etc/motd", "hello").finished

    private func expectGood(_ root: String) throws {
        #expect(try String(contentsOfFile: root + "/bin/sh", encoding: .utf8) == "shell")
        #expect(try String(contentsOfFile: root + "/etc/motd", encoding: .utf8) == "hello")
        #expect(!FileManager.default.fileExists(atPath: root + "/gone"))
        #expect(try String(contentsOfFile: root + "/etc/passwd", encoding: .utf8).contains("nestbox:x:1000"))
        var status = stat()
        lstat(root + "/bin/sh", &status)
        #expect(status.st_mode & 0o7777 == 0o755)
    }

    @Test(arguments: [false, true], [false, true])
    func buildsLayouts(compressed: Bool, archived: Bool) async throws {
        var layout = LayoutMaker()
        let layers = try [base, upper].map { (compressed ? try gzip($0) : $0, $0) }
        layout.index([layout.image(layers) + "}"])
        try expectGood(
            await build(archived ? layout.archive(to: directory, "a.tar") : layout.write(to: directory, "layout")))
    }

    @Test func choosesPlatformAndReference() async throws {
        var layout = LayoutMaker()
        let ours = layout.image([(base, base), (upper, upper)])
        let foreign = layout.image([(base, base)], architecture: "s390x")
        let inner =
            "{\"schemaVersion\":2,\"manifests\":["
            + foreign + #","platform":{"architecture":"s390x","os":"linux"}},"#
            + ours + #","platform":{"architecture":"\#(OCISource.architecture)","os":"linux"}}]}"#
        let index = layout.add(Array(inner.utf8)).replacingOccurrences(
            of: "application/x", with: "application/vnd.oci.image.index.v1+json")
        let other = layout.image([(upper, upper)])
        let named = #","annotations":{"org.opencontainers.image.ref.name":"#
        layout.index([index + named + "\"demo:1\"}}", other + named + "\"demo:2\"}}"])
        let path = try layout.write(to: directory, "layout")
        try expectGood(await build(path, reference: "demo:1"))
        let ambiguous = await #expect(throws: ImageError.self) { try await build(path) }
        #expect(ambiguous?.message.contains("\"demo:1\", \"demo:2\"") == true)
        let missing = await #expect(throws: ImageError.self) { try await build(path, reference: "demo:3") }
        #expect(missing?.message.contains("no image \"demo:3\"") == true)
        var alien = LayoutMaker()
        alien.index([alien.image([(base, base)], architecture: "s390x") + "}"])
        let wrong = try alien.write(to: directory, "alien")
        let platform = await #expect(throws: ImageError.self) { try await build(wrong) }
        #expect(platform?.message.contains("linux/s390x") == true)
    }

    @Test func buildsSavedDockerImages() async throws {
        let contents = [base, upper].map { "\"sha256:\(ContentDigest(of: $0))\"" }.joined(separator: ",")
        let configuration =
            #"{"architecture":"\#(OCISource.architecture)","os":"linux","rootfs":{"diff_ids":[\#(contents)]}}"#
        func manifest(_ tag: String) -> String {
            #"{"Config":"abc.json","RepoTags":["\#(tag)"],"Layers":["l1/layer.tar","l2/layer.tar"]}"#
        }
        let tar = TarBuilder().file("abc.json", configuration).file("l0/layer.tar", base).file("l2/layer.tar", upper)
            .symbolicLink("l1/layer.tar", to: "../l0/layer.tar")
        let path = try directory.write(tar.file("manifest.json", "[\(manifest("demo:1"))]").finished, to: "saved.tar")
        try expectGood(await build(path, reference: "demo:1"))
        try expectGood(await build(path))
        let two = try directory.write(
            tar.file("manifest.json", "[\(manifest("a:1")),\(manifest("b:1"))]").finished, to: "two.tar")
        await #expect(throws: ImageError.self) { try await build(two) }
        await #expect(throws: ImageError.self) { try await build(two, reference: "c:1") }
    }

    @Test func damageIsFound() async throws {
        func failure(_ change: (inout LayoutMaker) throws -> Void) async throws -> String {
            var layout = LayoutMaker()
            let compressed = try gzip(base)
            layout.index([layout.image([(compressed, base)]) + "}"])
            try change(&layout)
            let path = try layout.write(to: directory, UUID().uuidString)
            let error = await #expect(throws: ImageError.self) { try await build(path) }
            #expect(error?.code == .badArchive)
            return error?.message ?? ""
        }
        let compressed = try gzip(base)
        let blob = "blobs/sha256/\(ContentDigest(of: compressed))"
        #expect(try await failure { $0.blobs[blob]?[20] ^= 1 }.contains("does not match its digest"))
        #expect(try await failure { $0.blobs[blob] = nil }.contains("cannot open"))
        #expect(try await failure { $0.blobs["index.json"] = Array("{}".utf8) }.contains("specification"))
        #expect(try await failure { $0.blobs["index.json"] = nil }.contains("neither index.json"))
        #expect(
            try await failure { layout in
                layout.index([layout.image([(compressed, upper)]) + "}"])
            }.contains("does not match its digest"))
        #expect(
            try await failure { layout in
                let torn = Array(compressed.dropLast(12))
                layout.index([layout.image([(torn, base)]) + "}"])
            }.contains("decompressed"))
        let zstd: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0]
        #expect(
            try await failure { layout in layout.index([layout.image([(zstd, zstd)]) + "}"]) }.contains("zstd"))
        let escape = TarBuilder().file("../evil", "x").finished
        #expect(
            try await failure { layout in layout.index([layout.image([(escape, escape)]) + "}"]) }.contains(".."))
        #expect(
            try await failure { layout in
                layout.index([#"{"digest":"sha256:../../../../etc/passwd","size":1}"#])
            }.contains("sha256"))
        #expect(!directory.has("state/roots/evil"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/state/roots") == [])
    }

    @Test func bombsAreBounded() async throws {
        let zeros = TarBuilder().file("big", [UInt8](repeating: 0, count: 8_000_000)).finished
        var layout = LayoutMaker()
        layout.index([layout.image([(try gzip(zeros), zeros)]) + "}"])
        let root = OCIRoot(path: try layout.write(to: directory, "bomb"), reference: nil)
        let store = ImageStore(state: directory.path + "/state") { (_) throws(ImageError) in
            OCIBuilder(root: root, makeBudget: { ExtractionBudget(maximumBytes: 1_000_000) })
        }
        let error = await #expect(throws: ImageError.self) { try await store.build(image(root.path)) }
        #expect(error?.message.contains("more than 1000000 bytes") == true)
    }

    @Test func digestFollowsTheContent() throws {
        let store = ImageStore(state: directory.path + "/state")
        var one = LayoutMaker()
        one.index([one.image([(base, base)]) + "}"])
        var two = LayoutMaker()
        two.index([two.image([(upper, upper)]) + "}"])
        let first = try store.digest(of: image(one.write(to: directory, "one")).root)
        #expect(try store.digest(of: image(one.archive(to: directory, "same.tar")).root) == first)
        #expect(try store.digest(of: image(two.write(to: directory, "two")).root) != first)
        let absent = try image(directory.path + "/absent")
        #expect(store.status(of: absent).digest == nil)
        guard case .unusable = store.status(of: absent).state else {
            Issue.record("an absent archive is not unusable")
            return
        }
        let compressed = try directory.write(gzip(TarBuilder().file("index.json", "{}").finished), to: "a.tar.gz")
        let error = try #require(throws: ImageError.self) { try store.digest(of: image(compressed).root) }
        #expect(error.message.contains("compressed as a whole"))
    }
}
