import Foundation
import Glibc
import SandboxSpec
import Synchronization
import TestSupport
import Testing

@testable import Images

/// Files and setup commands in a tree that holds a static shell and nothing else.
@Suite(.enabled(if: geteuid() == 0 && access("/bin/busybox", X_OK) == 0)) struct RootFinishingTests {
    private let directory: TemporaryDirectory
    private let root: String

    init() throws {
        directory = try TemporaryDirectory()
        root = directory.path + "/root"
        for name in ["bin", "etc"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        }
        // By a process of its own: what this one has open for writing, others that are started just then inherit, and it
        // cannot be executed as long (ETXTBSY).
        let copy = try Process.run(
            URL(fileURLWithPath: "/bin/cp"), arguments: ["/bin/busybox", root + "/bin/busybox"])
        copy.waitUntilExit()
        try #require(copy.terminationStatus == 0)
        for name in ["sh", "cat", "ls", "mkdir", "wget", "id", "sleep"] { symlink("busybox", "\(root)/bin/\(name)") }
    }

    private final class Log: Sendable {
        private let lines = Mutex<[BuildProgress]>([])
        func add(_ line: BuildProgress) { lines.withLock { $0.append(line) } }
        var all: [BuildProgress] { lines.withLock { $0 } }
    }

    @discardableResult
    private func setup(_ commands: [String], cancellation: BuildCancellation = BuildCancellation()) throws -> Log {
        let log = Log()
        let task = BuildTask(
            directory: root, cache: directory.path + "/cache", isOffline: false, cancellation: cancellation,
            progress: { log.add($0) })
        try RootSetup(commands: commands).run(in: task)
        return log
    }

    private func file(_ path: String, _ text: String) throws -> RootFile {
        let source = try directory.write(text, to: "source-\(UUID().uuidString)")
        return RootFile(path: try BoxPath(path), source: source, digest: ContentDigest(of: Array(text.utf8)))
    }

    @Test func filesAreInstalledForEverybodyToRead() throws {
        try directory.write("old", to: "root/etc/there")
        symlink("/etc/passwd", root + "/etc/link")
        let files = [
            try file("opt/a/b/c", "one"), try file("etc/there", "two"), try file("etc/link", "three"),
        ]
        try RootFileInstaller.install(files, into: root)
        #expect(try directory.text("root/opt/a/b/c") == "one")
        #expect(directory.mode("root/opt/a/b/c") == 0o644)
        #expect(directory.mode("root/opt/a") == 0o755)
        #expect(try directory.text("root/etc/there") == "two")
        #expect(directory.link("root/etc/link") == nil)
        #expect(try directory.text("root/etc/link") == "three")
    }

    @Test func filesNeverLeaveTheTree() throws {
        symlink(directory.path, root + "/out")
        let throughLink = try file("out/planted", "x")
        #expect(throws: ImageError.self) { try RootFileInstaller.install([throughLink], into: root) }
        #expect(!directory.has("planted"))
        let overDirectory = try file("etc", "x")
        let error = try #require(throws: ImageError.self) {
            try RootFileInstaller.install([overDirectory], into: root)
        }
        #expect(error.message.contains("cannot put /etc into the root"))
    }

    @Test func aFileThatChangedSinceItWasReadFailsTheBuild() throws {
        let file = try file("opt/a", "one")
        try Data("two".utf8).write(to: URL(fileURLWithPath: file.source))
        let error = try #require(throws: ImageError.self) { try RootFileInstaller.install([file], into: root) }
        #expect(error.code == .buildFailed && error.message.contains("changed while"))
    }

    @Test func commandsRunInOrderInsideTheTree() throws {
        let log = try setup(["echo one >/etc/order", "echo two >>/etc/order\ncat /etc/order; id -u", "ls /"])
        #expect(try directory.text("root/etc/order") == "one\ntwo\n")
        let texts = log.all
        #expect(texts.contains(.step("setup 1 of 3: echo one >/etc/order")))
        #expect(texts.contains(.step("setup 2 of 3: echo two >>/etc/order…")))
        for line in ["one", "two", "0", "bin", "etc", "proc"] { #expect(texts.contains(.output(line))) }
        #expect(!texts.contains(.output("home")))
    }

    @Test func commandsSeeNoNetworkAndNoProcessOfTheMachine() throws {
        let log = try setup([
            "cat /proc/net/dev; for p in /proc/[0-9]*; do echo process ${p#/proc/}; done; echo $HOME $LC_ALL",
            "echo gone >/tmp/a; echo x >/dev/null",
        ])
        let output = log.all.compactMap { if case .output(let line) = $0 { line } else { nil } }
        #expect(!output.contains { $0.contains("eth0") || $0.contains("ens") })
        #expect(output.contains { $0.contains("lo:") })
        #expect(output.filter { $0.hasPrefix("process") } == ["process 1"])
        #expect(output.contains("/tmp C.UTF-8"))
        // Their /tmp and /dev were mounts, which are gone.
        #expect(!directory.has("root/tmp/a") && !directory.has("root/dev/null"))
    }

    @Test func aFailingCommandFailsTheBuildAndSaysWhich() throws {
        let error = try #require(throws: ImageError.self) {
            try setup(["echo fine", "echo why; false; echo not reached", "echo >/etc/never"])
        }
        #expect(error.code == .buildFailed)
        #expect(
            error.message
                == "setup command `echo why; false; echo not reached` failed with exit status 1:\n  why")
        #expect(!directory.has("root/etc/never"))
        let killed = try #require(throws: ImageError.self) { try setup(["exit 7"]) }
        #expect(killed.message == "setup command `exit 7` failed with exit status 7")
    }

    @Test func cancellingKillsTheCommand() throws {
        let cancellation = BuildCancellation()
        let began = Date()
        Thread.detachNewThread {
            usleep(300_000)
            cancellation.cancel()
        }
        let error = try #require(throws: ImageError.self) { try setup(["sleep 600"], cancellation: cancellation) }
        #expect(error.code == .cancelled, "\(error.message)")
        #expect(Date().timeIntervalSince(began) < 60)
    }
}
