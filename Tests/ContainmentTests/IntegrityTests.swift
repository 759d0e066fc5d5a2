internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// B17: the files below every sandbox, as the page cache shows them and as the disk holds them.
    @Suite("Integrity")
    struct Integrity {
        /// Files that sandboxes map and execute, all of them on the host's disk.
        private static let sample: [String] = [
            "/usr/bin/bash", "/usr/bin/cat", "/usr/bin/echo", "/usr/bin/env", "/usr/bin/ls", "/usr/bin/python3.11",
            "/usr/bin/passwd", "/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
            "/usr/lib/python3.11/os.py",
        ].filter { (path: String) in access(path, R_OK) == 0 }

        private static func hashes(direct: Bool) async throws -> [String] {
            let script =
                direct
                ? "for f; do dd if=\"$f\" iflag=direct bs=1M status=none | sha256sum; done"
                : "for f; do sha256sum < \"$f\"; done"
            let child = try ChildProcess(["/bin/sh", "-c", script, "sh"] + sample)
            return await child.finish(seconds: 60).lines
        }

        @Test("B17: an attack batch leaves every lower file as it was, in the cache and on the disk")
        func lowerFiles() async throws {
            #expect(Self.sample.count >= 6, "too few files to look at: \(Self.sample)")
            let before = try await Self.hashes(direct: false)
            let canOpenDirect = try await Self.hashes(direct: true) == before
            // The control: the oracle sees one changed byte.
            let scratch = try ScratchDirectory()
            defer { scratch.remove() }
            let bare = try await Control.start(["write", scratch.path + "/lower", "changed"]).finish()
            for path in Self.sample {
                let found = try await ProbeRun.run(["open", path])
                for mode in ["w", "rw"] {
                    let answer = found.value("open \(mode) \(path)") ?? "nothing"
                    Attempts.record(
                        "B17", "open \(mode) \(path)", capable: bare.value("write \(scratch.path)/lower") == "ok",
                        contained: ["EROFS", "EACCES", "EPERM", "ETXTBSY"].contains(answer), answer)
                }
            }
            _ = try await ProbeRun.run(["rewrite", "/usr/bin/cat", "a", "b"])
            _ = try await ProbeRun.run(["rewrite", "/usr/lib/x86_64-linux-gnu/libc.so.6", "a", "b"])
            _ = try await ProbeRun.run(["sweep"])
            let buffered = try await Self.hashes(direct: false)
            let direct = try await Self.hashes(direct: true)
            Attempts.record(
                "B17", "\(Self.sample.count) lower files, buffered and direct",
                capable: canOpenDirect && before.count == Self.sample.count,
                contained: buffered == before && direct == before, "\(zip(before, direct).filter { $0 != $1 })")
        }
    }
}
