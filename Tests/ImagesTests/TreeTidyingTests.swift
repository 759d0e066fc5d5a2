import Foundation
import Glibc
import TestSupport
import Testing

@testable import Images

@Suite(.enabled(if: geteuid() == 0)) struct TreeTidyingTests {
    private let began = Int64(time(nil))

    @Test func removesWhatGivesRightsAway() throws {
        let root = try TemporaryDirectory()
        for (name, mode) in [("usr/bin/su", 0o4755), ("usr/bin/wall", 0o2755), ("usr/bin/ls", 0o755)] {
            let file = try root.write("x", to: name)
            chmod(file, mode_t(mode))
        }
        chmod(root.path + "/usr", 0o2755)
        mknod(root.path + "/usr/null", S_IFCHR | 0o666, 0x103)
        mkfifo(root.path + "/usr/pipe", 0o666)
        let file = try root.write("x", to: "usr/bin/owned")
        chown(file, 1000, 1000)
        let summary = try TreeTidying(began: began).run(root.path)
        #expect(root.mode("usr/bin/su") == 0o755)
        #expect(root.mode("usr/bin/wall") == 0o755)
        #expect(root.mode("usr") == 0o755)
        #expect(!root.has("usr/null") && !root.has("usr/pipe"))
        #expect(summary.stripped == 3)
        #expect(summary.dropped == 2)
        var status = stat()
        lstat(file, &status)
        #expect(status.st_uid == 0 && status.st_gid == 0)
    }

    @Test(.enabled(if: access("/sbin/setcap", X_OK) == 0)) func removesFileCapabilities() throws {
        let root = try TemporaryDirectory()
        let file = try root.write("x", to: "usr/bin/ping")
        func capabilities() throws -> [String] {
            var lines: [String] = []
            try BuildProgram(executable: "/sbin/getcap", arguments: [file])
                .run(name: "getcap", cancellation: BuildCancellation()) { lines.append($0) }
            return lines
        }
        try BuildProgram(executable: "/sbin/setcap", arguments: ["cap_net_raw+ep", file])
            .run(name: "setcap", cancellation: BuildCancellation()) { _ in }
        #expect(try capabilities().count == 1)
        _ = try TreeTidying(began: began).run(root.path)
        #expect(try capabilities() == [])
    }

    @Test func removesIdentityAndCaches() throws {
        let root = try TemporaryDirectory()
        let gone = [
            "etc/machine-id", "etc/resolv.conf", "etc/shadow", "etc/ssh/ssh_host_rsa_key", "var/log/a/b",
            "var/cache/apt/x.deb", "var/lib/apt/lists/y", "etc/apt/apt.conf.d/99proxy", "dev/null2", "tmp/z",
            "proc/q", "run/lock/l",
        ]
        for name in gone { try root.write("x", to: name) }
        try root.write("keep", to: "etc/ssh/ssh_config")
        _ = try TreeTidying(began: began).run(root.path)
        for name in gone { #expect(!root.has(name), "\(name)") }
        #expect(root.has("etc/ssh/ssh_config"))
        for name in ["proc", "sys", "dev", "tmp", "run"] { #expect(root.has(name)) }
        #expect(try root.text("etc/hosts").contains("localhost"))
    }

    @Test func addsTheUserOnce() throws {
        let root = try TemporaryDirectory()
        try root.write("root:x:0:0:root:/root:/bin/bash\nnode:x:1000:1000::/home/node:/bin/bash\n", to: "etc/passwd")
        for _ in 1...2 { _ = try TreeTidying(began: began).run(root.path) }
        #expect(
            try root.text("etc/passwd")
                == "root:x:0:0:root:/root:/bin/bash\nnestbox:x:1000:1000:nestbox:/box:/bin/sh\n")
        #expect(try root.text("etc/group") == "root:x:0:\nnestbox:x:1000:\n")
    }

    @Test func followsNoLinkOutOfTheTree() throws {
        let outside = try TemporaryDirectory()
        try outside.write("secret", to: "passwd")
        try outside.write("precious", to: "lists/file")
        let root = try TemporaryDirectory()
        try root.write("", to: "etc/x")
        symlink(outside.path + "/passwd", root.path + "/etc/passwd")
        symlink(outside.path, root.path + "/tmp")
        symlink(outside.path, root.path + "/var")
        _ = try TreeTidying(began: began).run(root.path)
        #expect(try outside.text("passwd") == "secret")
        #expect(try outside.text("lists/file") == "precious")
        #expect(root.link("tmp") == nil && root.link("etc/passwd") == nil)
        let linked = try TemporaryDirectory()
        symlink(outside.path, linked.path + "/etc")
        #expect(throws: ImageError.self) { try TreeTidying(began: began).run(linked.path) }
        #expect(try outside.text("passwd") == "secret")
    }

    @Test func stampsWhatTheBuildMade() throws {
        let root = try TemporaryDirectory()
        let old = try root.write("x", to: "usr/old")
        let new = try root.write("x", to: "usr/new")
        var times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
        utimes(old, &times)
        let tidying = TreeTidying(began: began - 60)
        _ = try tidying.run(root.path)
        var status = stat()
        lstat(old, &status)
        #expect(status.st_mtim.tv_sec == 1_000_000)
        for path in [new, root.path + "/usr", root.path] {
            lstat(path, &status)
            #expect(Int64(status.st_mtim.tv_sec) == TreeTidying.stamp)
        }
    }

    @Test func removalFollowsNoLink() throws {
        let outside = try TemporaryDirectory()
        try outside.write("precious", to: "file")
        let root = try TemporaryDirectory()
        try root.write("x", to: "tree/a/b/c")
        symlink(outside.path, root.path + "/tree/a/link")
        try TreeDirectory(root.path).remove(Array("tree".utf8))
        #expect(root.names.isEmpty)
        #expect(try outside.text("file") == "precious")
    }
}
