internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// The view of the file system: what is there, what is not, and that none of it can be written.
    @Suite("Mounts")
    struct Mounts {
        /// A root tree with a probe, the usual directories, and whatever `extra` adds.
        static func makeTree(_ extra: (String) throws -> Void = { _ in }) async throws -> String {
            let program = try ProbeProgram.shared.get()
            let tree = try await TestWarden.shared.imageRoot + "/tree-\(Host.token())"
            for folder in ["bin", "etc"] {
                try FileManager.default.createDirectory(atPath: "\(tree)/\(folder)", withIntermediateDirectories: true)
            }
            try FileManager.default.copyItem(atPath: program.path, toPath: tree + "/bin/probe")
            try extra(tree)
            return tree
        }

        static func inTree(_ tree: String) -> ProbeOptions {
            var options = ProbeOptions()
            options.root = .tree(tree)
            options.uploadsProbe = false
            options.program = ["/bin/probe"]
            return options
        }

        @Test("B01: a root whose mount points are symbolic links is refused, never followed")
        func hostileRoots() async throws {
            let honest = try await Self.makeTree()
            defer { try? FileManager.default.removeItem(atPath: honest) }
            let control = try await ProbeRun.run(["list", "/"], Self.inTree(honest))
            #expect(control.verdict == .ok, "the honest tree does not work: \(control.summary)")
            let canary = try ScratchDirectory("canary")
            defer { canary.remove() }
            try "secret".write(toFile: canary.path + "/canary-file", atomically: false, encoding: .utf8)
            let before = try FileManager.default.contentsOfDirectory(atPath: canary.path)
            let targets = [canary.path, "../../" + "canary", "/nowhere/at/all", "loop"]
            for name in ["proc", "dev", "tmp", "box", "sys", "dev/null", "dev/pts", "dev/shm"] {
                for target in targets {
                    let link = target == "loop" ? String(name.split(separator: "/").last ?? "") : target
                    let tree = try await Self.makeTree {
                        if name.hasPrefix("dev/") {
                            try FileManager.default.createDirectory(
                                atPath: $0 + "/dev", withIntermediateDirectories: false)
                        }
                        try FileManager.default.createSymbolicLink(atPath: "\($0)/\(name)", withDestinationPath: link)
                    }
                    defer { try? FileManager.default.removeItem(atPath: tree) }
                    // Nothing is mounted on /sys, and the image's /dev is never shown: links there may stay, if they
                    // lead nowhere outside.
                    let answer: String
                    var contained = false
                    do {
                        let found = try await ProbeRun.run(["list", "/\(name)/"], Self.inTree(tree))
                        answer = found.summary
                        contained =
                            (name == "sys" || name.hasPrefix("dev/")) && found.verdict == .ok
                            && !found.text.contains("canary-file")
                    } catch let failure as StageFailure {
                        answer = "\(failure)"
                        contained = true
                    }
                    Attempts.record(
                        "B01", "/\(name) -> \(link == canary.path ? "absolute" : link)",
                        capable: control.verdict == .ok, contained: contained, answer)
                }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: canary.path) == before, "a link was followed")
        }

        @Test("B04: the list of mounts is the golden one")
        func mountList() async throws {
            let tree = try await Self.makeTree()
            defer { try? FileManager.default.removeItem(atPath: tree) }
            let found = try await ProbeRun.run(["cat", "/proc/self/mountinfo"], Self.inTree(tree))
            let mounts = Self.normalised(found.lines)
            let same = try Golden.expect("mounts.txt", mounts, "the list of mounts")
            let bare = try await Control.run(["cat", "/proc/self/mountinfo"])
            Attempts.record(
                "B04", "mounts of a tree", capable: Self.normalised(bare.lines) != mounts && bare.lines.count > 3,
                contained: same, "see the differences above")
            // The host's view has entries of its own, so here only the rule: nosuid, nodev, and read-only but for ours.
            let host = Self.normalised(try await ProbeRun.run(["cat", "/proc/self/mountinfo"]).lines)
            let writable: Set<String> = ["/box", "/tmp", "/dev/shm", "/proc"]
            func isHarmless(_ mount: String) -> Bool {
                let fields = mount.split(separator: " ").map(String.init)
                let options = fields[1].split(separator: ",")
                // The one place with devices is read-only and has none but the harmless ones (B11).
                return options.contains("nosuid") && (options.contains("nodev") || fields[0] == "/dev")
                    && (options.contains("ro") || writable.contains(fields[0]))
            }
            let capable = Self.normalised(bare.lines).contains { !isHarmless($0) }
            for mount in host {
                Attempts.record(
                    "B04", "mount \(mount.prefix { $0 != " " }) of the host's view", capable: capable,
                    contained: isHarmless(mount), mount)
            }
            #expect(host.contains { $0.hasPrefix("/usr ") }, "the host's view has no /usr: \(host)")
        }

        /// mountinfo without what differs from host to host, sorted: mount point, options but those on access times,
        /// and the type of the file system, or "image" for what is bound from the image.
        private static func normalised(_ lines: [String]) -> [String] {
            lines.compactMap { line in
                let fields = line.split(separator: " ").map(String.init)
                guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields.count > 5 else { return nil }
                let options = fields[5].split(separator: ",").filter { !$0.hasSuffix("atime") }.joined(separator: ",")
                let isBound = fields[3].contains("/roots/")
                return "\(fields[4]) \(options) \(isBound ? "image" : fields[dash + 1])"
            }.sorted()
        }

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
            let tree = try await Self.makeTree {
                try FileManager.default.copyItem(atPath: $0 + "/bin/probe", toPath: $0 + "/bin/planted")
                chown($0 + "/bin/planted", 0, 0)
                chmod($0 + "/bin/planted", 0o6755)
            }
            defer { try? FileManager.default.removeItem(atPath: tree) }
            let program = try ProbeProgram.shared.get()
            let twin = program.folder + "/setuid-twin"
            try FileManager.default.copyItem(atPath: program.path, toPath: twin)
            chmod(twin, 0o6755)
            defer { unlink(twin) }
            let bare = await (try ChildProcess(
                ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", twin, "ids"])).finish()
            var options = Self.inTree(tree)
            options.program = ["/bin/planted"]
            let found = try await ProbeRun.run(["ids"], options)
            Attempts.record(
                "B13", "a planted setuid file", capable: bare.value("uid") == "65534 0 0",
                contained: found.value("uid") == "1000 1000 1000", found.summary)
            let honest = try await Self.makeTree()
            defer { try? FileManager.default.removeItem(atPath: honest) }
            let planted = try await ProbeRun.run(["setuid", "/"], Self.inTree(tree))
            let walked = try await ProbeRun.run(["setuid", "/"], Self.inTree(honest))
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
                    "B22", name, capable: root.value(name) == "ok", contained: refused.contains(found.value(name) ?? ""),
                    found.summary)
            }
            Attempts.record(
                "B23", "writable sysctls", capable: (Int(root.value("writable count") ?? "") ?? 0) > 0,
                contained: found.value("writable count") == "0", found.summary)
        }
    }
}
