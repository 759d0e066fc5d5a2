import ConfigurationFiles
import SandboxSpec
import Testing

@testable import Images

@Suite struct ImageSchemaTests {
    @Test func readsEveryKey() throws {
        let image = try Fixtures.image(
            Fixtures.yaml(
                root: "{debian: bookworm, packages: [zlib1g, bash, bash], variant: minbase}",
                extra: """
                    aliases: [d, demo2]
                    description: For tests
                    extensions: [dm, d++]
                    env: {LANG: C.UTF-8, B: ""}
                    release: {version: 3.10, package: demo3}
                    editor: text/x-csrc
                    artifacts: ["plot-*.png"]
                    compile: {run: [cc, "{options}", a], options: [-g, "-O*"], produces: ["**/*.o"], boot: a.c, limits: {cpu: 1.5s, memory: 64MiB}}
                    warm: {mode: fork, language: python, script: z.py, preload: [json, os.path]}
                    """, check: "{code: a, stdout: \"b\\n\", stdin: c}"))
        #expect(image.aliases == ["d", "demo2"])
        #expect(image.extensions == ["dm", "d++"])
        #expect(image.environment == ["LANG=C.UTF-8", "B="])
        #expect(
            image.root == .debian(DebianRoot(suite: "bookworm", packages: ["bash", "zlib1g"], variant: .minbase)))
        let compile = try #require(image.compile)
        #expect(image.language == "demo")
        #expect(image.release == Release(version: "3.10", package: "demo3"))
        #expect(image.editor == "text/x-csrc")
        #expect(image.artifacts == ["plot-*.png"])
        #expect(compile.run == ["cc", "{options}", "a"])
        #expect(compile.options == ["-g", "-O*"])
        #expect(compile.allows("-g") && compile.allows("-O3") && !compile.allows("-g3") && !compile.allows("-o"))
        #expect(compile.produces == ["**/*.o"])
        #expect(compile.warmScript == "a.c")
        #expect(compile.limits == [.cpu: 1_500_000_000, .memory: 67_108_864])
        #expect(image.warm == WarmRecipe(mode: .fork, language: .python, script: "z.py", preload: ["json", "os.path"]))
        #expect(image.check == CheckProgram(code: "a", stdin: "c", stdout: "b\n"))
        #expect(image.run == ["demo", "main.demo"])
    }

    /// `main.demo` is of the language although its extension is nobody's.
    @Test func theExtensionOfTheUsualFileIsOneOfASource() throws {
        let image = try Fixtures.image(Fixtures.yaml())
        #expect(image.sourceExtensions == ["demo"])
        #expect(image.isSource(try BoxPath("a/b.demo")))
        for path in ["demo", "a.dem"] { #expect(!image.isSource(try BoxPath(path))) }
    }

    @Test func optionalKeysHaveDefaults() throws {
        let image = try Fixtures.image(Fixtures.yaml())
        #expect(image.warm.environment == .live)
        #expect(image.root == .host)
        #expect(image.compile == nil)
        #expect(image.warm == .cold)
        #expect(image.environment.isEmpty && image.aliases.isEmpty && image.extensions.isEmpty)
    }

    @Test func pathsAreRelativeToTheDirectory() throws {
        let image = try Fixtures.image(Fixtures.yaml(root: "{directory: ../tree}"))
        guard case .directory(let path) = image.root else {
            Issue.record("not a directory root")
            return
        }
        #expect(path.hasPrefix("/") && path.hasSuffix("/tree") && !path.contains(".."))
        let oci = try Fixtures.image(Fixtures.yaml(root: "{oci: /srv/a.tar, reference: \"a:1\"}"))
        #expect(oci.root == .oci(OCIRoot(path: "/srv/a.tar", reference: "a:1")))
    }

    /// The text, and what the error has to contain besides the file.
    @Test(arguments: [
        (Fixtures.yaml(extra: "colour: red"), ["image.yaml:7", "colour", "unknown key"]),
        (Fixtures.yaml(extra: "alias: [x]"), ["did you mean \"aliases\"?"]),
        (Fixtures.yaml(root: "{debian: bookworm, packages: [a], host: true}"), ["image.yaml:3", "host and debian"]),
        (Fixtures.yaml(root: "{debain: bookworm}"), ["root.debain", "did you mean \"debian\"?"]),
        (Fixtures.yaml(root: "{}"), ["root", "none of them", "exactly one"]),
        (Fixtures.yaml(root: "{host: false}"), ["root.host", "false"]),
        (Fixtures.yaml(root: "{host: true, packages: [bash]}"), ["root.packages", "unknown key"]),
        (Fixtures.yaml(root: "{debian: bookworm}"), ["root.packages", "found nothing"]),
        (Fixtures.yaml(root: "{debian: bookworm, packages: [\"-x\"]}"), ["root.packages[0]", "\"-x\""]),
        (Fixtures.yaml(root: "{debian: bookworm, packages: [\"a b\"]}"), ["root.packages[0]"]),
        (Fixtures.yaml(root: "{debian: \"--help\", packages: [bash]}"), ["root.debian", "\"--help\""]),
        (Fixtures.yaml(root: "{debian: bookworm, packages: [bash], variant: huge}"), ["root.variant", "essential"]),
        (Fixtures.yaml(root: "{directory: /}"), ["root.directory", "other than /"]),
        (Fixtures.yaml(file: "../main"), ["image.yaml:4", "file", ".."]),
        (Fixtures.yaml(file: "/main"), ["is absolute"]),
        (Fixtures.yaml(run: "[]"), ["image.yaml:5", "run", "no command"]),
        (Fixtures.yaml(run: "main"), ["run", "a list"]),
        (Fixtures.yaml(extra: "compile: {run: [cc], produces: []}"), ["compile.produces", "empty list"]),
        (Fixtures.yaml(extra: "compile: {run: [cc], produces: [../x]}"), ["compile.produces[0]"]),
        (Fixtures.yaml(extra: "compile: {run: [cc]}"), ["compile.produces", "found nothing"]),
        (
            Fixtures.yaml(extra: "compile: {run: [cc], produces: [a], limits: {cpu: 10}}"),
            ["image.yaml:7", "compile.limits.cpu", "\"10\""]
        ),
        (
            Fixtures.yaml(extra: "compile: {run: [cc], produces: [a], limits: {cup: 1s}}"),
            ["compile.limits.cup", "did you mean \"cpu\"?"]
        ),
        (Fixtures.yaml(extra: "compile: {run: [cc], produces: [a], limits: {cpu: 0s}}"), ["compile.limits.cpu"]),
        (Fixtures.yaml(extra: "env: {1A: x}"), ["env.1A"]),
        (Fixtures.yaml(extra: "aliases: [Big]"), ["aliases[0]", "\"Big\""]),
        (Fixtures.yaml(extra: "extensions: [.py]"), ["extensions[0]", "\".py\""]),
        (Fixtures.yaml(extra: "aliases: [a, a]"), ["aliases[1]", "twice"]),
        (Fixtures.yaml(extra: "warm: {mode: hot}"), ["warm.mode", "none, boot, fork"]),
        (Fixtures.yaml(extra: "warm: {mode: fork}"), ["warm.language", "python, ruby"]),
        (Fixtures.yaml(extra: "warm: {mode: fork, language: cobol}"), ["warm.language", "\"cobol\""]),
        (Fixtures.yaml(extra: "warm: {mode: fork, language: lua, preload: [x]}"), ["warm.preload", "lua"]),
        (Fixtures.yaml(extra: "warm: {mode: fork, language: python, preload: [\"a;b\"]}"), ["warm.preload[0]"]),
        (Fixtures.yaml(extra: "warm: {mode: boot, language: python}"), ["warm.language", "nothing"]),
        (Fixtures.yaml(extra: "warm: {mode: boot, script: ../x}"), ["warm.script", "without /"]),
        (Fixtures.yaml(extra: "warm: {mode: boot, script: -c}"), ["warm.script", "not . or - first"]),
        (Fixtures.yaml(extra: "warm: {mode: fork, language: python, preload: [a/b]}"), ["warm.preload", "of python"]),
        (Fixtures.yaml(extra: "warm: {mode: none, preload: [x]}"), ["warm.preload"]),
        (Fixtures.yaml(extra: "release: {version: v3}"), ["release.version", "\"v3\"", "numbers with dots"]),
        (Fixtures.yaml(extra: "release: {package: x1}"), ["release.version", "found nothing"]),
        (Fixtures.yaml(extra: "editor: \"a b\""), ["editor", "\"a b\"", "CodeMirror"]),
        (Fixtures.yaml(extra: "artifacts: []"), ["artifacts", "empty list"]),
        (Fixtures.yaml(extra: "artifacts: [/x]"), ["artifacts[0]", "is absolute"]),
        (Fixtures.yaml(run: "[sh, \"{file}\"]"), ["image.yaml:5", "run[1]", "\"{file}\"", "{main}, {stem}"]),
        (Fixtures.yaml(run: "[sh, \"-x{sources}\"]"), ["run[1]", "{sources} as an argument of its own"]),
        (
            Fixtures.yaml(extra: "compile: {run: [cc], options: [-g], produces: [a]}"),
            ["compile.options", "{options}"]
        ),
        (Fixtures.yaml(extra: "language: other"), ["language", "\"other\"", "a language of its own"]),
        (Fixtures.yaml(check: "{code: x}"), ["check.stdout", "found nothing"]),
        (Fixtures.yaml(check: "{code: x, stdout: y, exit: 1}"), ["check.exit", "unknown key"]),
        ("version: 2\n" + Fixtures.yaml().dropFirst(11), ["image.yaml:1", "version", "\"2\""]),
        ("version: 1\nname: demo\n", ["root", "file", "run", "check"]),
        ("[]", ["an empty list", "a mapping"]),
    ])
    func diagnosticsAreLocated(yaml: String, expected: [String]) throws {
        let error = try #require(throws: ConfigurationError.self) { try Fixtures.image(yaml) }
        for part in expected { #expect(error.description.contains(part)) }
    }

    @Test func allDiagnosticsAreToldAtOnce() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try Fixtures.image(Fixtures.yaml(extra: "colour: red", file: "..", run: "[]"))
        }
        #expect(error.diagnostics.count == 3)
    }

    @Test(arguments: ["a", "c++", "python3.12", "0x", "a_b-c", String(repeating: "a", count: 32)])
    func goodNames(name: String) {
        #expect(ImageWords.isName(name))
    }

    @Test(arguments: ["", "-a", ".a", "A", "a b", "a/b", "ä", "a\n", String(repeating: "a", count: 33)])
    func badNames(name: String) {
        #expect(!ImageWords.isName(name))
    }

    @Test(arguments: [
        ("bash", true), ("g++", true), ("libc6=2.36-9+deb12u1", true), ("a", false), ("x=", false),
        ("bash,dash", false), ("?essential", false), ("./x.deb", false), ("a=1 2", false),
    ])
    func packageNames(name: String, good: Bool) {
        #expect(ImageWords.isPackage(name) == good)
    }
}
