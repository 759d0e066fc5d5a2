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
            for directory in ["bin", "etc"] {
                try FileManager.default.createDirectory(
                    atPath: "\(tree)/\(directory)", withIntermediateDirectories: true)
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
            // No interpreter in there.
            options.warmth = .cold
            return options
        }

        @Test("a root that is put into another one's place is what the next sandbox sees")
        func replacedRoot() async throws {
            let tree = try await Self.makeTree {
                try "old".write(toFile: $0 + "/etc/mark", atomically: false, encoding: .utf8)
            }
            let fresh = try await Self.makeTree {
                try "new".write(toFile: $0 + "/etc/mark", atomically: false, encoding: .utf8)
            }
            let aside = tree + "-aside"
            defer { for path in [tree, fresh, aside] { try? FileManager.default.removeItem(atPath: path) } }
            #expect(try await ProbeRun.run(["cat", "/etc/mark"], Self.inTree(tree)).text.contains("old"))
            try FileManager.default.moveItem(atPath: tree, toPath: aside)
            try FileManager.default.moveItem(atPath: fresh, toPath: tree)
            let found = try await ProbeRun.run(["cat", "/etc/mark"], Self.inTree(tree))
            #expect(found.text.contains("new"), "\(found.summary)")
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
                guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields.count > 5 else {
                    return nil
                }
                let options = fields[5].split(separator: ",").filter { !$0.hasSuffix("atime") }.joined(separator: ",")
                let isBound = fields[3].contains("/roots/")
                return "\(fields[4]) \(options) \(isBound ? "image" : fields[dash + 1])"
            }.sorted()
        }
    }
}
