internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Device nodes, setuid files and kernel settings: what a mount may show and must make harmless.
    @Suite("Devices")
    struct Devices {
        @Test("B11: no device but the harmless ones, made or planted")
        func devices() async throws {
            let warden = try await TestWarden.shared
            let bare = try await Control.run(["nodes"], as: .root)
            let found = try await ProbeRun.run(["nodes"])
            for line in found.lines where line.hasPrefix("mknod") {
                let parts = line.split(separator: " ").map(String.init)
                let name = parts.dropLast().joined(separator: " ")
                Attempts.record(
                    "B11", name, capable: bare.value(name) == "ok",
                    contained: Syscalls.denials.contains(parts.last ?? ""), line)
            }
            let listing = try await ProbeRun.run(["list", "/dev"])
            let same = try Golden.expect("dev.txt", listing.lines, "/dev")
            Attempts.record(
                "B11", "/dev", capable: try await Control.run(["list", "/dev"]).lines.count > listing.lines.count,
                contained: same, "see the differences above")
            // The host plants /dev/null's twin in /box; the mount must make it no device.
            var options = ProbeOptions()
            options.input = nil
            let sandbox = try await LiveSandbox(["hold", "open", "/box/planted"], options, on: warden)
            try sandbox.start()
            _ = try await sandbox.output(until: "ready")
            let planted = await Self.plantNode(in: WardenFamily(of: warden.pid).programs.first)
            sandbox.closeInput()
            let opened = try await sandbox.finish()
            guard planted else {
                Attempts.skip("B11", "a node cannot be planted from the host")
                return
            }
            Attempts.record(
                "B11", "a node planted by the host", capable: bare.value("mknod c 1:3") == "ok",
                contained: ["r", "w", "rw"].allSatisfy {
                    ["EACCES", "EPERM"].contains(opened.value("open \($0) /box/planted") ?? "")
                }, opened.summary)
        }

        /// Makes a twin of /dev/null in a sandbox's /box, from outside, as its owner but with the right to make nodes:
        /// the sandbox's file system knows no other uids, root's included.
        private static func plantNode(in program: HostProcess?) async -> Bool {
            guard let program, let uid = program.uids.first else { return false }
            let path = "/proc/\(program.pid)/root/box/planted"
            let capabilities = "+mknod,+sys_ptrace"
            let child = try? ChildProcess([
                "/usr/bin/setpriv", "--reuid=\(uid)", "--regid=\(uid)", "--clear-groups", "--inh-caps=\(capabilities)",
                "--ambient-caps=\(capabilities)", "/usr/bin/mknod", "-m", "666", path, "c", "1", "3",
            ])
            return await child?.finish().exitCode == 0
        }

        @Test("B13: setuid files have no effect, and a tree of ours has none")
        func setuidFiles() async throws {
            let tree = try await Mounts.makeTree {
                try FileManager.default.copyItem(atPath: $0 + "/bin/probe", toPath: $0 + "/bin/planted")
                chown($0 + "/bin/planted", 0, 0)
                chmod($0 + "/bin/planted", 0o6755)
            }
            defer { try? FileManager.default.removeItem(atPath: tree) }
            let program = try ProbeProgram.shared.get()
            let twin = program.directory + "/setuid-twin"
            try FileManager.default.copyItem(atPath: program.path, toPath: twin)
            chmod(twin, 0o6755)
            defer { unlink(twin) }
            let bare = await
                (try ChildProcess(
                    ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", twin, "ids"])).finish()
            var options = Mounts.inTree(tree)
            options.program = ["/bin/planted"]
            let found = try await ProbeRun.run(["ids"], options)
            Attempts.record(
                "B13", "a planted setuid file", capable: bare.value("uid") == "65534 0 0",
                contained: found.value("uid") == "1000 1000 1000", found.summary)
            let honest = try await Mounts.makeTree()
            defer { try? FileManager.default.removeItem(atPath: honest) }
            let planted = try await ProbeRun.run(["setuid", "/"], Mounts.inTree(tree))
            let walked = try await ProbeRun.run(["setuid", "/"], Mounts.inTree(honest))
            Attempts.record(
                "B13", "setuid files and file capabilities", capable: planted.value("privileged") == "/bin/planted",
                contained: walked.lines == ["walk ok"], walked.summary)
        }

        @Test("B22, B23: nothing below /proc/sys can be written")
        func sysctls() async throws {
            let root = try await Control.run(["sysctl"], as: .root)
            let found = try await ProbeRun.run(["sysctl"])
            let refused: Set<String> = ["EROFS", "EACCES", "ENOENT", "EPERM"]
            for name in ["core_pattern access", "core_pattern open"] {
                Attempts.record(
                    "B22", name, capable: root.value(name) == "ok",
                    contained: refused.contains(found.value(name) ?? ""),
                    found.summary)
            }
            Attempts.record(
                "B23", "writable sysctls", capable: (Int(root.value("writable count") ?? "") ?? 0) > 0,
                contained: found.value("writable count") == "0", found.summary)
            // Names that are in the kernel's memory of this very proc when the sandbox is made.
            for name in ["sys", "max_user_namespaces", "max_inotify_instances", "max_inotify_watches"] {
                Attempts.record(
                    "B23", "found again: \(name)", capable: root.value("\(name) access") == "ok",
                    contained: found.value("\(name) access") == "ENOENT", found.summary)
            }
        }
    }
}
