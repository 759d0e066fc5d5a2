import Foundation
import Glibc
import SandboxSpec
import TestSupport
import Testing

@testable import Images

private struct OnePackage: RootBuilder {
    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion] {
        [PackageVersion(name: "bash", version: "1:5.2")]
    }
}

@Suite(.enabled(if: geteuid() == 0)) struct GarbageTests {
    private let directory: TemporaryDirectory
    private let store: ImageStore

    init() throws {
        directory = try TemporaryDirectory()
        store = ImageStore(state: directory.path) { (_) throws(ImageError) in OnePackage() }
    }

    private func paths(keeping images: [Image]) throws -> [String] {
        try store.garbage(keeping: images).map { String($0.path.dropFirst(directory.path.utf8.count + 1)) }.sorted()
    }

    @Test func whatNoImageNeedsGoes() async throws {
        let digest = ContentDigest(of: [7])
        let wheel = RootWheel(name: "w", version: "1", digest: digest, into: try BoxPath("opt"))
        let kept = try Fixtures.image(
            root: .debian(DebianRoot(suite: "bookworm", packages: ["bash"], wheels: [wheel])))
        let gone = try Fixtures.image(root: .debian(DebianRoot(suite: "bookworm", packages: ["zsh"])))
        let root = try await store.build(kept)
        let old = try await store.build(gone)
        for name in [
            "debian/one/pool/b/bash_5.2_amd64.deb", "debian/one/pool/b/bash_5.1_amd64.deb",
            "debian/one/dists/x/InRelease", "debian/two/pool/z/zsh_1_amd64.deb", "debian/two/dists/x/InRelease",
            "wheels/\(digest).whl", "wheels/\(ContentDigest(of: [8])).whl", "wheels/.fetch-1-2/half.whl",
            "\(old.digest)/packages/of_an_older_version.deb",
        ] {
            try directory.write([UInt8](repeating: 1, count: 5000), to: "cache/\(name)")
        }
        let dead = ContentDigest(of: [9])
        try directory.write("x", to: "roots/.building-\(dead)-99-abc/bin/sh")
        try directory.write("{}", to: "roots/\(dead).json")
        let items = try store.garbage(keeping: [kept])
        #expect(
            try paths(keeping: [kept])
                == [
                    "cache/\(old.digest)", "cache/debian/one/pool/b/bash_5.1_amd64.deb",
                    "cache/debian/two/pool/z/zsh_1_amd64.deb",
                    "cache/wheels/.fetch-1-2", "cache/wheels/\(ContentDigest(of: [8])).whl",
                    "roots/.building-\(dead)-99-abc", "roots/\(old.digest)",
                ].sorted())
        #expect(items.filter { $0.kind == .cache }.allSatisfy { $0.bytes >= 5000 })
        for item in items { try store.remove(item) }
        // What the dead build had said of a root that never came.
        #expect(try paths(keeping: [kept]) == ["roots/\(dead).json"])
        for item in try store.garbage(keeping: [kept]) { try store.remove(item) }
        #expect(try paths(keeping: [kept]) == [])
        #expect(directory.has("roots/\(root.digest)") && directory.has("cache/debian/one/pool/b/bash_5.2_amd64.deb"))
        #expect(directory.has("cache/debian/one/dists/x/InRelease") && directory.has("cache/wheels/\(digest).whl"))
    }

    @Test func buildsThatRunKeepTheirDownloads() throws {
        let digest = ContentDigest(of: [1])
        try directory.write("x", to: "roots/.building-\(digest)-1-a/bin/sh")
        try directory.write("x", to: "cache/debian/one/pool/new_1_all.deb")
        try directory.write("x", to: "cache/wheels/new.whl")
        let lock = try #require(try RootLock.tryAcquire(store.paths.lock(digest)))
        #expect(try paths(keeping: []) == [])
        lock.release()
        #expect(try paths(keeping: []).count == 3)
    }

    @Test func usageCountsBlocksOnce() throws {
        let file = try directory.write([UInt8](repeating: 1, count: 40_000), to: "tree/a/file")
        let one = try TreeDirectory(directory.path + "/tree").usage()
        #expect(one >= 40_000)
        link(file, directory.path + "/tree/again")
        #expect(try TreeDirectory(directory.path + "/tree").usage() == one)
        // What has a name elsewhere is not freed.
        link(file, directory.path + "/elsewhere")
        #expect(try TreeDirectory(directory.path + "/tree").usage() <= one - 40_000)
    }
}
