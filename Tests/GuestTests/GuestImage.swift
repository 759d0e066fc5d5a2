import Foundation
import Testing

/// The first root of the guest: Nestbox as it was built, the programs its sandboxes run, and the cases.
enum GuestImage {
    /// What the sandboxes see of a system, by name, in /usr/bin.
    private static let programs = [
        "bash", "cat", "head", "id", "ln", "ls", "mkdir", "mount", "perl", "setsid", "sh", "sleep", "unshare",
    ]

    /// - Parameters:
    ///   - path: of the archive to write.
    ///   - products: the directory of the built executables.
    /// - Returns: its size in bytes.
    static func write(to path: String, products: String) throws -> Int {
        var archive = try CPIOArchive(creating: path)
        for directory in ["dev", "proc", "sys", "run", "tmp", "mnt", "opt/busybox", "etc", "nestbox/state"] {
            try archive.addDirectory(directory)
        }
        // As Debian 12 has it: one tree, and links to it.
        for directory in ["bin", "sbin", "lib", "lib64"] {
            try archive.addDirectory("usr/\(directory)")
            try archive.addLink(directory, to: "usr/\(directory)")
        }
        // The kernel opens it for pid 1 before anything is mounted.
        try archive.addDevice("dev/console", major: 5, minor: 1)
        try archive.addFile("usr/bin/busybox", from: "/bin/busybox")

        let executables = ["nestbox", "nestbox-warden", "nestbox-init"]
        try archive.addFile("nestbox/bin/libnestbox-zygote.so", from: "\(products)/libnestbox-zygote.so")
        for name in executables { try archive.addFile("nestbox/bin/\(name)", from: "\(products)/\(name)") }
        for name in programs { try archive.addFile("usr/bin/\(name)", from: "/usr/bin/\(name)") }
        let needed = try SharedLibraries.of(
            executables.map { "\(products)/\($0)" } + programs.map { "/usr/bin/\($0)" })
        for (name, source) in needed.sorted(by: { $0.key < $1.key }) {
            // Found by name in the loader's own directories; the loader is named with its place.
            let isLoader = name.hasPrefix("/")
            let place = isLoader ? "usr/lib64/\(name.split(separator: "/").last ?? "")" : "usr/lib/\(directory)/\(name)"
            try archive.addFile(place, from: source)
        }

        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let repository = here.deletingLastPathComponent().deletingLastPathComponent()
        try archive.addFile("init", from: here.appendingPathComponent("Guest/init").path)
        try archive.addFile(
            "nestbox/bin/start-in-subgroup", from: repository.appendingPathComponent("deploy/start-in-subgroup").path)
        try archive.addTree("nestbox/images", from: here.appendingPathComponent("Guest/images").path)
        try archive.addFile("nestbox/policies/default.yaml", Data(try policy(of: repository).utf8))
        let forked = "version: 1\nname: perl\nextends: default\nimage: perl\npool: {min: 0, warm: fork}\n"
        try archive.addFile("nestbox/policies/perl.yaml", Data(forked.utf8))
        try addCases(to: &archive)
        let size = archive.size
        try archive.finish()
        return size
    }

    /// Where Debian's loader looks without being told.
    private static let directory = "x86_64-linux-gnu"

    /// The project's default policy with the calls of its groups in place of their names: emulated, reading the groups
    /// takes longer than everything else a run does.
    private static func policy(of repository: URL) throws -> String {
        let directory = repository.appendingPathComponent("policies").resolvingSymlinksInPath()
        let text = try String(contentsOf: directory.appendingPathComponent("default.yaml"), encoding: .utf8)
        let groups = directory.appendingPathComponent("syscalls")
        var calls: Set<Substring> = []
        for name in try FileManager.default.contentsOfDirectory(atPath: groups.path) {
            let group = try String(contentsOf: groups.appendingPathComponent(name), encoding: .utf8)
            for match in group.matches(of: /\{call: ([a-z0-9_]+)/) { calls.insert(match.1) }
        }
        try #require(calls.count > 100 && text.contains("[\"@default\"]"), "policies are not written as expected")
        return text.replacingOccurrences(of: "[\"@default\"]", with: "[\(calls.sorted().joined(separator: ", "))]")
    }

    private static func addCases(to archive: inout CPIOArchive) throws {
        func add(_ name: String, _ program: String, _ options: [String], _ image: String = "sh") throws {
            try archive.addFile("nestbox/cases/\(name)/main.\(image)", Data((program + "\n").utf8))
            try archive.addFile("nestbox/cases/\(name)/options", Data(options.joined(separator: " ").utf8))
        }
        for one in GuestCase.all { try add(one.name, one.program, ["--json"] + one.options, one.image) }
        for step in [GuestCase.terminal] + GuestCase.others { try add(step.name, step.program, step.options) }
        let together = GuestCase.all.map(\.name) + [GuestCase.terminal.name]
        try archive.addFile("nestbox/together", Data((together.joined(separator: "\n") + "\n").utf8))
    }
}
