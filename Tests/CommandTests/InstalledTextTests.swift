import Foundation
import TestSupport
import Testing

/// Man pages, completions and the unit's script: what deploy/up installs beside the executables.
@Suite(.enabled(if: NestboxExecutable.path != nil, "nestbox has not been built"))
struct InstalledTextTests {
    private let toys: Toys

    init() throws {
        toys = try Toys()
    }

    private func run(_ words: [String], environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
        let program = try FinishedProgram.run(
            ["/usr/bin/env"] + words,
            environment: environment.merging(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]) { given, _ in given },
            directory: toys.path)
        return (program.status, program.stdout + program.stderr)
    }

    @Test func everyCommandHasAManPage() throws {
        let answer = try toys.nestbox(["manual", "pages"])
        #expect(answer.status == 0, "\(answer)")
        let pages = try FileManager.default.contentsOfDirectory(atPath: toys.path + "/pages").sorted()
        #expect(
            Set(pages).isSuperset(of: [
                "nestbox.1", "nestbox-run.1", "nestbox-policy-check.1", "nestbox-image-build.1", "nestboxd.8",
            ]))
        #expect(!pages.contains("nestbox-manual.1") && !pages.contains("nestbox-help.1"))
        let main = try toys.scratch.text("pages/nestbox.1")
        #expect(main.contains(".Xr nestbox-run 1") && main.contains(".Sh EXIT STATUS"))
        #expect(try toys.scratch.text("pages/nestbox-run.1").contains("Fl \\-language Ar name"))
        #expect(try toys.scratch.text("pages/nestboxd.8").contains(".It Fl \\-max\\-running\\-runs"))
        // groff's own words about what it does not understand.
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/groff") else { return }
        let all = try run(["groff", "-mdoc", "-Tutf8", "-ww", "-z"] + pages.map { "pages/" + $0 })
        #expect(all.status == 0 && all.output == "", "\(all.output)")
    }

    @Test(arguments: [
        (["run", "-l", "to"], ["toy"]), (["run", "--language", "pl"], ["plaything"]), (["run", "-p", "t"], ["toy"]),
        (["run", "--limit", "cp"], ["cpu=", "cpus="]), (["run", "hel"], ["hello.toy"]),
        (["run", "--file", "x=hel"], ["x=hello.toy"]), (["image", "build", ""], ["toy"]),
        (["image", "show", "t"], ["toy"]),
        (["policy", "show", ""], ["toy"]), (["policy", "check", "policies/"], ["policies/toy.yaml"]),
        (["serve", "--log-l"], ["--log-level"]), (["config", "show", "--over"], ["--overlay"]), (["polic"], ["policy"]),
        (["run", "--langu"], ["--language"]), (["policy", ""], ["check", "list", "show"]),
    ])
    func bashCompletes(words: [String], expected: [String]) throws {
        let script = try toys.nestbox(["--generate-completion-script", "bash"])
        try toys.scratch.write(script.stdout, to: "completion")
        try toys.scratch.write(
            """
            source ./completion
            COMP_WORDS=(nestbox "$@") COMP_CWORD=$# COMP_LINE="nestbox $*" COMP_POINT=${#COMP_LINE}
            COMP_LINE="nestbox $*"
            COMP_POINT=${#COMP_LINE}
            _nestbox nestbox "${@: -1}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"

            """, to: "complete")
        let directory = URL(fileURLWithPath: try #require(NestboxExecutable.path)).deletingLastPathComponent().path
        let answer = try run(
            ["bash", "complete"] + words,
            environment: [
                "PATH": directory + ":/usr/bin:/bin", "NESTBOX_POLICIES": toys.path + "/policies",
                "NESTBOX_IMAGES": toys.path + "/images",
            ])
        let found = Set(answer.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        #expect(found.isSuperset(of: expected), "\(answer)")
    }

    /// On cgroup v2 a unit's group hands controllers on once nobody is in it.
    @Test func theUnitMovesIntoAGroupBelowItsOwn() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../deploy/start-in-subgroup").standardizedFileURL.path
        let line = try String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("0::") }
        let own = line.map { String($0.dropFirst(3)) } ?? ""
        try toys.scratch.write("cpu memory pids\n", to: "cgroup/cgroup.controllers")
        try toys.scratch.write("", to: "cgroup\(own == "/" ? "" : own)/cgroup.procs")
        let answer = try run(
            [script, "sh", "-c", "echo $$; test -z \"${NESTBOX_CGROUPS+x}\""],
            environment: ["NESTBOX_CGROUPS": toys.path + "/cgroup"])
        #expect(answer.status == 0, "\(answer)")
        let group = "cgroup" + (own == "/" ? "" : own)
        #expect(try toys.scratch.text(group + "/service/cgroup.procs") == answer.output)
        #expect(try toys.scratch.text(group + "/cgroup.subtree_control") == "+cpu +memory +pids\n")
        // Where cgroups are v1 there is nothing to hand on.
        try FileManager.default.createDirectory(atPath: toys.path + "/v1", withIntermediateDirectories: false)
        #expect(try run([script, "true"], environment: ["NESTBOX_CGROUPS": toys.path + "/v1"]).status == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: toys.path + "/v1").isEmpty)
    }
}
