import Foundation
import Glibc
import TestSupport
import Testing

@testable import Images

@Suite(.enabled(if: geteuid() == 0)) struct PackageCacheTests {
    private let directory: TemporaryDirectory
    private let cache: PackageCache
    private let source = PackageSource(
        options: ["signed-by=/k.gpg", "check-valid-until=yes"], uri: "http://one.test/debian", suite: "bookworm",
        components: ["main"])

    init() throws {
        directory = try TemporaryDirectory()
        cache = PackageCache(below: directory.path + "/cache")
    }

    private var place: String { String(cache.directory(of: source).dropFirst(directory.path.utf8.count + 1)) }

    /// A tree as apt leaves it: lists, complete packages, half ones.
    private func tree(_ name: String, list: String, packages: [String]) throws {
        let prefix = AptFileName.encode(cache.directory(of: source) + "/mirror.list/dists/bookworm/")
        try directory.write("signed", to: "\(name)/var/lib/apt/lists/\(prefix)InRelease")
        try directory.write(list, to: "\(name)/var/lib/apt/lists/\(prefix)main_binary-amd64_Packages")
        try directory.write("foreign", to: "\(name)/var/lib/apt/lists/other_dists_bookworm_InRelease")
        for package in packages { try directory.write(package, to: "\(name)/var/cache/apt/archives/\(package)") }
        try directory.write("half", to: "\(name)/var/cache/apt/archives/partial/half_1_all.deb")
    }

    private let list = """
        Package: alpha
        Filename: pool/main/a/alpha/alpha_2.0_amd64.deb

        Package: beta
        Description: x
         Filename: pool/main/no
        Filename: pool/main/b/beta/beta_1.0+b~1_all.deb

        Package: evil
        Filename: ../../evil_1_all.deb

        Package: half
        Filename: pool/main/h/half_1_all.deb
        """

    @Test func namesAreThoseOfApt() {
        let name = AptFileName.encode("/a_b/c~d/mirror.list/dists/x")
        #expect(name == "_a%5fb_c%7ed_mirror.list_dists_x")
        #expect(AptFileName.decode(name) == "/a_b/c~d/mirror.list/dists/x")
        #expect(AptFileName.decode("a%4") == nil && AptFileName.decode("a%zz") == nil)
        #expect(AptFileName.poolName("alpha_1%3a2.0-1~x_amd64.deb") == "alpha_2.0-1~x_amd64.deb")
        #expect(AptFileName.poolName("alpha_2.0_amd64.deb") == "alpha_2.0_amd64.deb")
    }

    @Test func linesNameTheCache() {
        let local = PackageSource(uri: "file:/srv/debian", suite: "bookworm", components: ["main"])
        let at = cache.directory(of: source)
        #expect(
            cache.lines([source, local], isOffline: false) == [
                "deb [signed-by=/k.gpg check-valid-until=yes] mirror+file:\(at)/mirror.list bookworm main",
                "deb file:/srv/debian bookworm main",
            ])
        // The signature is checked as ever; only that the lists are recent is not asked for.
        #expect(
            cache.lines([source, local], isOffline: true) == [
                "deb [signed-by=/k.gpg check-valid-until=no by-hash=no] copy:\(at) bookworm main",
                "deb file:/srv/debian bookworm main",
            ])
    }

    @Test func keepsWhatListsName() throws {
        try cache.prepare([source])
        #expect(try directory.text("\(place)/mirror.list").contains("http://one.test/debian/\tpriority:2\n"))
        try tree("one", list: list, packages: ["alpha_1%3a2.0_amd64.deb", "beta_1.0+b~1_all.deb", "evil_1_all.deb"])
        #expect(cache.missing([source]) == [source])
        try cache.keep(from: directory.path + "/one")
        #expect(cache.missing([source]) == [])
        let found = PackageCache.files(below: cache.path).map(\.path).sorted()
        let base = String(place.dropFirst("cache/debian/".utf8.count))
        #expect(
            found == [
                "\(base)/dists/bookworm/InRelease", "\(base)/dists/bookworm/main/binary-amd64/Packages",
                "\(base)/mirror.list", "\(base)/pool/main/a/alpha/alpha_2.0_amd64.deb",
                "\(base)/pool/main/b/beta/beta_1.0+b~1_all.deb",
            ])
        #expect(!directory.has("evil_1_all.deb") && !directory.has("cache/evil_1_all.deb"))
        #expect(directory.names == ["cache", "one"])

        mkdir(directory.path + "/two", 0o755)
        try cache.lend([source], to: directory.path + "/two")
        let lent = try FileManager.default.contentsOfDirectory(atPath: directory.path + "/two/var/lib/apt/lists")
            .sorted()
        let prefix = AptFileName.encode(cache.directory(of: source) + "/mirror.list/dists/bookworm/")
        #expect(lent == ["\(prefix)InRelease", "\(prefix)main_binary-amd64_Packages"])
    }

    @Test func olderListsDoNotReplaceNewerOnes() throws {
        try cache.prepare([source])
        try tree("one", list: "new", packages: [])
        try tree("two", list: "old", packages: [])
        let prefix = AptFileName.encode(cache.directory(of: source) + "/mirror.list/dists/bookworm/")
        var times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
        utimes(directory.path + "/two/var/lib/apt/lists/\(prefix)main_binary-amd64_Packages", &times)
        try cache.keep(from: directory.path + "/one")
        try cache.keep(from: directory.path + "/two")
        #expect(try directory.text("\(place)/dists/bookworm/main/binary-amd64/Packages") == "new")
    }

    @Test func theLongestUnusedGoFirst() throws {
        let small = PackageCache(below: directory.path + "/cache", maximumBytes: 8192)
        for (index, name) in ["a", "b", "c"].enumerated() {
            let file = try directory.write(
                [UInt8](repeating: 1, count: 4096), to: "cache/debian/s/pool/\(name)_1_all.deb")
            var times = [timeval](repeating: timeval(tv_sec: 1_000_000 - index, tv_usec: 0), count: 2)
            utimes(file, &times)
        }
        try directory.write("list", to: "cache/debian/s/dists/x/InRelease")
        small.prune()
        #expect(
            PackageCache.files(below: small.path).map(\.path).sorted() == [
                "s/dists/x/InRelease", "s/pool/a_1_all.deb", "s/pool/b_1_all.deb",
            ])
    }

    @Test func failuresNamePackagesAndForgetThem() throws {
        let file = try directory.write("bad", to: "cache/debian/s/pool/l/less_5~1_all.deb")
        let other = try directory.write("other", to: "less_1_all.deb")
        var failures = FetchFailures()
        failures.look(at: "E: Failed to fetch copy:\(cache.path)/s/pool/l/less_5%7e1_all.deb  Hash Sum mismatch")
        failures.look(at: "E: Failed to fetch copy:\(cache.path)/s/pool/l/less_5%7e1_all.deb  Hash Sum mismatch")
        failures.look(at: "E: Failed to fetch copy:\(other)  No")
        failures.look(at: "E: Failed to fetch copy:\(cache.path)/../../less_1_all.deb  No")
        failures.look(at: "Get:1 http://x/ less")
        #expect(failures.packages == ["less"])
        cache.forget(failures.places)
        #expect(access(file, F_OK) != 0 && access(other, F_OK) == 0)
        var many = FetchFailures()
        for index in 0..<10 { many.look(at: "E: Failed to fetch copy:/c/p\(index)_1_all.deb  No") }
        #expect(many.shown == "p0, p1, p2, p3, p4, p5, p6, p7 and 2 more")
    }

    @Test func offlineSaysWhatIsMissing() throws {
        try directory.write("deb http://one.test/debian bookworm main\n", to: "apt/sources.list")
        let sources = AptSources(directory: directory.path + "/apt")
        mkdir(directory.path + "/root", 0o755)
        let task = BuildTask(
            directory: directory.path + "/root", cache: directory.path + "/cache", isOffline: true,
            cancellation: BuildCancellation(), progress: { _ in })
        func message(_ suite: String) throws -> String {
            let root = DebianRoot(suite: suite, packages: [])
            return try #require(throws: ImageError.self) {
                try DebianBuilder(root: root, sources: sources).build(task)
            }.message
        }
        #expect(
            try message("bookworm")
                == "the package lists of bookworm from http://one.test/debian were never fetched: build once without --offline"
        )
        #expect(try message("trixie").contains("offline from Debian trixie"))
    }
}
