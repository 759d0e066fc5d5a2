import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: NestboxExecutable.path != nil, "nestbox has not been built"))
struct CommandLineTests {
    private let toys: Toys

    init() throws {
        toys = try Toys()
    }

    @Test func helpIsThereForEveryCommand() throws {
        for words in [
            [], ["run"], ["doctor"], ["policy"], ["policy", "list"], ["policy", "check"], ["policy", "show"], ["image"],
            ["image", "list"],
            ["image", "show"], ["image", "build"], ["image", "check"], ["image", "remove"], ["pool"], ["pool", "list"],
            ["serve"], ["config"], ["repl"], ["config", "show"], ["key"], ["key", "create"], ["key", "list"],
            ["key", "revoke"],
        ] {
            let answer = try toys.nestbox(words + ["--help"])
            #expect(answer.status == 0)
            #expect(answer.stdout.contains("USAGE: nestbox"))
            #expect(answer.stderr == "")
        }
        #expect(try toys.nestbox(["run", "--help"]).stdout.contains("EXIT STATUS"))
    }

    /// It becomes a script, whose help is its own.
    @Test func helpOfTheBenchmarkIsThatOfItsScript() throws {
        let answer = try toys.nestbox(["bench", "--help"])
        #expect(answer.status == 0)
        #expect(answer.stdout.hasPrefix("usage: nestbox bench "), "\(answer.stdout)")
        for option in ["--quick", "--only", "--programs", "--parked", "--json"] {
            #expect(answer.stdout.contains(option))
        }
        #expect(answer.stderr == "")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionScriptsAreMade(shell: String) throws {
        let answer = try toys.nestbox(["--generate-completion-script", shell])
        #expect(answer.status == 0)
        #expect(answer.stdout.contains("nestbox"))
    }

    @Test func policiesAreCheckedAndShown() throws {
        let check = try toys.nestbox(["policy", "check"])
        #expect(check.status == 0)
        #expect(check.stdout == "1 policy, no errors\n")
        let show = try toys.nestbox(["policy", "show", "toy"])
        #expect(show.status == 0)
        #expect(show.stdout.contains("memory"))
        #expect(show.stdout.contains("256MiB"))
        let json = try toys.nestbox(["policy", "show", "toy", "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any]
        #expect((object?["limits"] as? [String: Any])?["cpu"] as? Int == 5000)
        let unknown = try toys.nestbox(["policy", "show", "toi"])
        #expect(unknown.status == 125)
        #expect(unknown.stderr.contains("toy"))
    }

    @Test func diagnosticsInPoliciesAreToldWithTheirPlace() throws {
        try toys.scratch.write("version: 1\nname: next\nextends: toy\nlimits: {cpuu: 1s}\n", to: "next.yaml")
        let one = try toys.nestbox(["policy", "check", "next.yaml"])
        #expect(one.status == 1)
        #expect(one.stderr.contains("next.yaml:4"))
        #expect(one.stderr.contains("cpuu"))
        try toys.scratch.write("version: 1\nname: next\nextends: toy\nlimits: {cpu: 1s}\n", to: "next.yaml")
        #expect(try toys.nestbox(["policy", "check", "next.yaml"]).status == 0)
        #expect(try toys.nestbox(["policy", "check", "absent.yaml"]).status == 1)
        #expect(try toys.nestbox(["policy", "check", "absent"]).status == 1)
        #expect(try toys.nestbox(["policy", "check", "toy"]).status == 0)
    }

    @Test func imagesAreListed() throws {
        let table = try toys.nestbox(["image", "list"])
        #expect(table.status == 0)
        #expect(table.stdout.contains("toy"))
        #expect(table.stdout.contains("missing"))
        let json = try toys.nestbox(["image", "list", "--json"])
        let list = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [[String: Any]]
        #expect(list?.first?["name"] as? String == "toy")
        #expect(list?.first?["state"] as? String == "missing")
        let digest = try #require(list?.first?["digest"] as? String)
        #expect(digest.count == 64)
        #expect(table.stdout.contains(" \(digest.prefix(12)) "))
        #expect(!table.stdout.contains(digest))
        #expect(table.stdout.hasSuffix("1 image, 0 roots built, 0 B together\n"))
    }

    @Test func buildsTellWhatBecameOfEachImage() throws {
        try toys.scratch.write(
            """
            version: 1
            name: tree
            root: {directory: ../../tree}
            file: main.tree
            run: [sh, main.tree]
            check: {code: x, stdout: y}

            """, to: "images/tree/image.yaml")
        try toys.scratch.write("#!/bin/sh\n", to: "images/tree/make-root")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: toys.path + "/images/tree/make-root")
        // Nothing was ever fetched into this state directory, so the image of Debian packages fails; the other one is nobody's
        // fault.
        let all = try toys.nestbox(["image", "build", "--all", "--offline", "--jobs", "2"])
        #expect(all.status == 1, "\(all)")
        #expect(all.stdout.hasPrefix("0 built, 0 there already, 1 skipped, 1 failed (toy), "), "\(all)")
        #expect(
            all.stderr.contains("image tree: skipped: its directory is not there")
                && all.stderr.contains("tree/make-root to make it"))
        #expect(all.stderr.contains("image toy: "))
        let named = try toys.nestbox(["image", "build", "tree"])
        #expect(named.status == 1 && named.stderr.contains("image tree: its directory is not there"), "\(named)")
        for jobs in ["0", "17", "x"] {
            #expect(try toys.nestbox(["image", "build", "toy", "--jobs", jobs]).status == 125)
        }
    }

    @Test func removalSaysWhatItFreed() throws {
        let bytes = String(repeating: "x", count: 100_000)
        try toys.scratch.write(bytes, to: "state/cache/wheels/\(String(repeating: "0a", count: 32)).whl")
        try toys.scratch.write(bytes, to: "state/roots/.building-\(String(repeating: "0b", count: 32))-99-a/file")
        let answer = try toys.nestbox(["image", "remove", "--unused"])
        #expect(answer.status == 0, "\(answer)")
        #expect(answer.stdout.contains("removed leftover ") && answer.stdout.contains("removed 1 cached download, "))
        #expect(answer.stdout.contains(" KiB freed"))
        #expect(try toys.nestbox(["image", "remove", "--unused"]).stdout == "0 B freed\n")
    }

    @Test func imagesAreShown() throws {
        let text = try toys.nestbox(["image", "show", "toy"])
        #expect(text.status == 0 && text.stdout.contains("\nroot       debian, missing"), "\(text)")
        let json = try toys.nestbox(["image", "show", "--all", "--json"])
        let list = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [[String: Any]]
        let image = try #require(list?.first)
        #expect(image["name"] as? String == "toy" && image["language"] as? String == "toy")
        #expect(image["state"] as? String == "missing" && image["path"] == nil)
        #expect((image["run"] as? [String])?.isEmpty == false)
        #expect((image["check"] as? [String: String])?["stdout"]?.isEmpty == false)
    }

    @Test func imageCommandsWantToKnowWhich() throws {
        for command in ["show", "build", "check", "remove"] {
            #expect(try toys.nestbox(["image", command]).status == 125)
            #expect(try toys.nestbox(["image", command, "toi"]).status == 125)
            #expect(try toys.nestbox(["image", command, "toy", "--all"]).status == 125)
        }
        #expect(try toys.nestbox(["image", "check", "toy"]).stderr.contains("nestbox image build toy"))
        #expect(try toys.nestbox(["image", "remove", "toy"]).stdout.contains("nothing to remove"))
    }

    @Test func theDoctorFindsWhatIsMissing() throws {
        let answer = try toys.nestbox(["doctor", "--json"])
        // The one image is not built, so no run is possible here.
        #expect(answer.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(answer.stdout.utf8)) as? [String: Any]
        #expect(object?["runs_possible"] as? Bool == false)
        let findings = try #require(object?["findings"] as? [[String: Any]])
        let names = Set(findings.compactMap { $0["name"] as? String })
        #expect(
            names.isSuperset(of: [
                "kernel", "user namespace", "pid namespace", "mount namespace", "network namespace", "ipc namespace",
                "uts namespace", "cgroup namespace", "seccomp filter", "Landlock", "pidfd", "clone3", "close_range",
                "openat2", "memfd", "tmpfs", "devpts", "cpu controller", "memory controller",
                "pids controller", "swap", "root", "capabilities", "process ids", "state directory", "policies",
                "images",
                "filter memory", "core dumps", "huge pages", "kernel memory", "file locks", "egress",
            ]))
        let images = findings.first { $0["name"] as? String == "images" }
        #expect(images?["status"] as? String == "missing")
        // One is enough, and all would take an hour.
        #expect((images?["remedy"] as? String)?.hasPrefix("nestbox image build toy, some minutes") == true)
        #expect(try toys.nestbox(["doctor"]).stdout.contains("no runs are possible"))
    }
}
