import Foundation
import Glibc
import SandboxSpec
import TestSupport
import Testing

@testable import Images

@Suite struct WheelTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("", to: "root/keep")
    }

    private func install(_ archive: [UInt8]) throws {
        let file = try directory.write(archive, to: "x.whl")
        let wheel = RootWheel(
            name: "demo", version: "1", digest: ContentDigest(of: archive), into: try BoxPath("opt/demo"))
        try WheelInstaller(wheel: wheel, cancellation: BuildCancellation()).install(
            file, into: directory.path + "/root")
    }

    private func install(_ members: [ZipBuilder.Member]) throws {
        try install(ZipBuilder(members: members).archive)
    }

    /// An archive as a common tool makes it, with deflated members.
    private func deflated(_ script: String) throws -> [UInt8] {
        let path = directory.path + "/made.whl"
        let program =
            "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)\n\(script)\nz.close()"
        try BuildProgram(executable: "/usr/bin/python3", arguments: ["-I", "-c", program, path])
            .run(name: "python3", cancellation: BuildCancellation()) { _ in }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func unpacksFilesAndModes() throws {
        try install([
            .init(name: "bin/", mode: 0o040755), .init(name: "bin/run", contents: Array("#!".utf8), mode: 0o100775),
            .init(name: "a/b/c", contents: Array("one".utf8), mode: 0o100666), .init(name: "plain", mode: 0o644),
            .init(name: "setuid", mode: 0o104755),
        ])
        #expect(try directory.text("root/opt/demo/a/b/c") == "one")
        #expect(directory.mode("root/opt/demo/a/b/c") == 0o644)
        #expect(directory.mode("root/opt/demo/bin/run") == 0o755)
        #expect(directory.mode("root/opt/demo/setuid") == 0o755)
        #expect(directory.mode("root/opt/demo/plain") == 0o644)
        #expect(directory.mode("root/opt/demo/a") == 0o755)
        var status = stat()
        lstat(directory.path + "/root/opt/demo/plain", &status)
        #expect(Int64(status.st_mtim.tv_sec) == TreeTidying.stamp)
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0)) func unpacksDeflatedFiles() throws {
        let archive = try deflated("z.writestr('a', 'x' * 3000000)\nz.writestr('empty', '')\nz.writestr('d/b', 'bee')")
        try install(archive)
        #expect(try directory.text("root/opt/demo/a") == String(repeating: "x", count: 3_000_000))
        #expect(try directory.text("root/opt/demo/empty").isEmpty)
        #expect(try directory.text("root/opt/demo/d/b") == "bee")
    }

    @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0)) func damagedContentsAreSeen() throws {
        var archive = try deflated("z.writestr('a', bytes(range(256)) * 40)")
        // Behind the header of 30 bytes and the name.
        archive[31 + 40] ^= 0x10
        let error = try #require(throws: ImageError.self) { try install(archive) }
        #expect(error.code == .badArchive)
    }

    @Test(arguments: [
        ("../x", "contains .."), ("a/../../x", "contains .."), ("/etc/x", "is absolute"), ("a\0b", "contains a NUL"),
        (".", "names the directory itself"), (String(repeating: "a", count: 256), "longer than"),
    ])
    func hostileNamesAreRefused(name: String, reason: String) throws {
        let error = try #require(throws: ImageError.self) { try install([.init(name: name)]) }
        #expect(error.code == .badArchive && error.message.contains(reason), "\(error)")
        #expect(directory.names == ["root", "x.whl"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/root") == ["keep"])
    }

    @Test(arguments: [
        (ZipBuilder.Member(name: "a", contents: Array("/etc".utf8), mode: 0o120777), "neither a file nor a directory"),
        (.init(name: "a", mode: 0o020644), "neither a file nor a directory"),
        (.init(name: "a/", mode: 0o100644), "neither a file nor a directory"),
        (.init(name: "a", mode: 0o040755), "neither a file nor a directory"),
        (.init(name: "a/", contents: [1], mode: 0o040755), "a directory with contents"),
        (.init(name: "a", flags: 1), "is encrypted"), (.init(name: "a", method: 14), "not supported"),
        (.init(name: "a", contents: [1], size: 2), "two sizes"), (.init(name: "a", size: 0xffff_ffff), "zip64"),
        (.init(name: "a", otherName: "b"), "has two names"), (.init(name: "a", otherName: "../b"), "has two names"),
    ])
    func hostileMembersAreRefused(member: ZipBuilder.Member, reason: String) throws {
        let error = try #require(throws: ImageError.self) { try install([.init(name: "good"), member]) }
        #expect(error.code == .badArchive && error.message.contains(reason), "\(error)")
        // All members are looked at before the first is put down.
        #expect(!directory.has("root/opt"))
    }

    @Test func membersAreThereOnce() throws {
        let twice = try #require(throws: ImageError.self) { try install([.init(name: "a"), .init(name: "./a")]) }
        #expect(twice.message.contains("is there twice"))
        // A file where a directory has to be.
        #expect(throws: ImageError.self) { try install([.init(name: "b"), .init(name: "b/c")]) }
    }

    @Test func linksOfTheTreeAreNotFollowed() throws {
        mkdir(directory.path + "/outside", 0o755)
        symlink(directory.path + "/outside", directory.path + "/root/opt")
        #expect(throws: ImageError.self) { try install([.init(name: "a")]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/outside") == [])
    }

    @Test func filesOfTheTreeAreNotReplaced() throws {
        try directory.write("old", to: "root/opt/demo/a")
        #expect(throws: ImageError.self) { try install([.init(name: "a")]) }
        #expect(try directory.text("root/opt/demo/a") == "old")
    }

    @Test func brokenArchivesAreRefused() throws {
        let good = ZipBuilder(members: [.init(name: "a", contents: [1, 2, 3])]).archive
        var split = ZipBuilder(members: [.init(name: "a")])
        split.disk = 1
        var many = ZipBuilder(members: [.init(name: "a")])
        many.count = 9
        var past = good
        // The offset of the directory, in the end record of 22 bytes.
        past[past.count - 6] = 0xff
        for archive in [
            [], [1, 2, 3], Array(good.dropLast(1)), Array(good.dropFirst(4)), split.archive, many.archive, past,
        ] {
            let error = try #require(throws: ImageError.self) { try install(archive) }
            #expect(error.code == .badArchive)
        }
        #expect(!directory.has("root/opt"))
    }

    @Test func hugeArchivesAreRefused() throws {
        let members = (0..<2).map {
            ZipBuilder.Member(name: "\($0)", contents: [3, 0], method: 8, size: 0x9000_0000)
        }
        let error = try #require(throws: ImageError.self) { try install(members) }
        #expect(error.message.contains("more than \(ZipArchive.maximumBytes) bytes"))
    }

    // MARK: - The cache

    private func task(offline: Bool) -> BuildTask {
        BuildTask(
            directory: directory.path + "/root", cache: directory.path + "/cache", isOffline: offline,
            cancellation: BuildCancellation(), progress: { _ in })
    }

    @Test func cachedWheelsAreCheckedAndUsedOffline() throws {
        let bytes = ZipBuilder(members: [.init(name: "a")]).archive
        let wheel = RootWheel(
            name: "demo", version: "1", digest: ContentDigest(of: bytes), into: try BoxPath("opt"))
        let cache = WheelCache(below: directory.path + "/cache")
        let missing = try #require(throws: ImageError.self) { try cache.file(of: wheel, for: task(offline: true)) }
        #expect(missing.message == "the wheel demo 1 was never fetched: build once without --offline")
        let place = try directory.write(bytes, to: "cache/wheels/\(wheel.digest).whl")
        #expect(try cache.file(of: wheel, for: task(offline: true)) == place)
        try directory.write(bytes + [0], to: "cache/wheels/\(wheel.digest).whl")
        #expect(throws: ImageError.self) { try cache.file(of: wheel, for: task(offline: true)) }
    }

    @Test func pipKeepsItsSettings() {
        let environment = WheelCache.environment(from: [
            "PIP_INDEX_URL": "i", "HOME": "/h", "https_proxy": "p", "PYTHONPATH": "x", "LD_PRELOAD": "y",
        ])
        #expect(Set(["PIP_INDEX_URL=i", "HOME=/h", "https_proxy=p"]).isSubset(of: environment))
        #expect(environment.filter { $0.hasPrefix("HOME=") }.count == 1)
        #expect(!environment.contains { $0.hasPrefix("PYTHON") || $0.hasPrefix("LD_") })
        #expect(WheelCache.environment(from: [:]).contains("HOME=/"))
    }
}
