internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Files that come out: regular ones, from inside, never through a link.
    @Suite("Artifacts")
    struct Artifacts {
        private static func options(_ patterns: [String] = ["**"]) -> ProbeOptions {
            var options = ProbeOptions()
            options.artifacts = ArtifactRequest(patterns: patterns)
            return options
        }

        @Test("G01: a link is never followed, wherever it leads")
        func links() async throws {
            let secret = try ScratchDirectory("secret")
            defer { secret.remove() }
            try TestWarden.canary.write(toFile: secret.path + "/canary", atomically: false, encoding: .utf8)
            let canRead = try await Control.run(["cat", secret.path + "/canary"]).lines == [TestWarden.canary]
            let found = try await ProbeRun.run(
                [
                    "link", "/etc/passwd", "absolute", "../etc/passwd", "relative", "absolute", "chain", "nowhere",
                    "dangling", "loop", "loop", secret.path + "/canary", "canary", "/", "directory",
                    "/proc/self/root/etc/passwd", "magic", "/proc/1/root", "init",
                ], Self.options())
            #expect(found.lines.allSatisfy { $0.hasSuffix(" ok") }, "the links were not made: \(found.summary)")
            let handed = found.artifacts.map(\.path)
            for name in ["absolute", "relative", "chain", "dangling", "loop", "canary", "directory", "magic", "init"] {
                Attempts.record(
                    "G01", name, capable: canRead,
                    contained: !handed.contains(name) && found.skipped.contains { $0.name == name },
                    "handed out: \(handed), skipped: \(found.skipped.map(\.name))")
            }
            #expect(handed == ["probe"], "more than the uploaded file came out: \(handed)")
            for artifact in found.artifacts where artifact.path != "probe" {
                #expect(!String(decoding: artifact.content, as: UTF8.self).contains("canary"))
            }
        }

        @Test("G03: nothing of the host is written through links a program or an image left")
        func plantedLinks() async throws {
            let outside = try ScratchDirectory("outside")
            defer { outside.remove() }
            let canary = outside.path + "/canary"
            try "untouched".write(toFile: canary, atomically: false, encoding: .utf8)
            chmod(canary, 0o666)
            let scratch = try ScratchDirectory()
            defer { scratch.remove() }
            let bare = await (try Control.start(["rewrite", canary, "main.py"], in: scratch.path)).finish()
            let control = Host.text(canary) == "overwritten"
            try "untouched".write(toFile: canary, atomically: false, encoding: .utf8)
            chmod(canary, 0o644)
            // An image with links in /box under the names that will be uploaded.
            let tree = try await Mounts.makeTree {
                try FileManager.default.createDirectory(atPath: $0 + "/box", withIntermediateDirectories: false)
                for name in ["main.py", "run.sh", "stdin", ".result"] {
                    try FileManager.default.createSymbolicLink(atPath: "\($0)/box/\(name)", withDestinationPath: canary)
                }
            }
            defer { try? FileManager.default.removeItem(atPath: tree) }
            var options = Mounts.inTree(tree)
            options.files = ["main.py", "run.sh", "stdin", ".result"].map { ($0, Array("uploaded".utf8)) }
            options.artifacts = ArtifactRequest(patterns: ["**", "**/.*"])
            let found = try await ProbeRun.run(["rewrite", canary, "main.py", "run.sh", "stdin"], options)
            Attempts.record(
                "G03", "links left by the image", capable: control && bare.value("write main.py") == "ok",
                contained: Host.text(canary) == "untouched" && found.verdict == .ok
                    && found.artifacts.map(\.path) == [".result"]
                    && found.artifacts.first.map { $0.content == Array("uploaded".utf8) } == true,
                "\(found.summary), handed out \(found.artifacts.map(\.path))")
            var information = stat()
            stat(canary, &information)
            Attempts.record(
                "G03", "owner and mode of the host's file", capable: control,
                contained: information.st_uid == 0 && information.st_mode & 0o7777 == 0o644,
                "uid \(information.st_uid) mode \(String(information.st_mode, radix: 8))")
        }

        @Test("G05: a FIFO does not hold up the collection")
        func fifo() async throws {
            // The control: whoever just opens such a file waits for a writer for ever.
            let scratch = try ScratchDirectory()
            defer { scratch.remove() }
            _ = await (try Control.start(["fifo", "out"], in: scratch.path)).finish()
            let bare = await (try Control.start(["cat", "out"], in: scratch.path)).finish(seconds: 0.3)
            let found = try await ProbeRun.run(["fifo", "out", "result.txt"], Self.options(["out", "*.txt"]))
            #expect(found.lines.allSatisfy { $0.hasSuffix(" ok") }, "the FIFOs were not made: \(found.summary)")
            Attempts.record(
                "G05", "FIFO as artifact", capable: bare.status == nil,
                contained: found.artifacts.isEmpty && Set(found.skipped.map(\.name)) == ["out", "result.txt"]
                    && found.elapsed < 100 * Specs.millisecond && found.verdict == .ok,
                "\(found.summary), took \(found.elapsed / Specs.millisecond) ms, skipped \(found.skipped)")
        }

        @Test("a real file does come out, byte for byte")
        func realFile() async throws {
            let found = try await ProbeRun.run(["write", "out.txt", "the result"], Self.options(["*.txt"]))
            #expect(found.artifacts.map(\.path) == ["out.txt"])
            #expect(found.artifacts.first?.content == Array("the result".utf8))
        }
    }
}
