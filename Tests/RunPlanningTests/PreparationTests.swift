import Foundation
import Images
import Policies
import RunModel
import RunPlanning
import SandboxSpec
import TestSupport
import Testing

/// How far a run's sandbox may be prepared: never so far that its program would find something else than in a cold one.
@Suite("Preparation of runs") struct RunPreparationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The kind of preparation of a run's last step.
    private func kind(
        _ image: String = "", file: String = "main.py", run: String = "[python3, main.py]",
        warm: String = "{mode: fork, language: python, preload: [random]}", policy: String = "fork",
        change: (inout RunRequest) -> Void = { _ in }
    ) throws -> String {
        let path = directory.path + "/toy"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try directory.write(
            """
            version: 1
            name: toy
            root: {host: true}
            check: {code: x, stdout: y}
            file: \(file)
            run: \(run)
            warm: \(warm)
            \(image)

            """, to: "toy/image.yaml")
        let policies = try PolicySet.parse(policies: [
            (
                file: "toy.yaml",
                text: """
                version: 1
                name: toy
                image: toy
                limits: {cpu: 5s, wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 1MiB, disk: 1MiB,
                  inodes: 512, file_size: 1MiB, open_files: 64, cpus: 1.0}
                warn_at: 80%
                network: none
                syscalls: {allow: [read, write, exit_group]}
                pool: {min: 0, max: 4, warm: \(policy)}
                """
            )
        ])
        let planner = RunPlanner(images: try ImageLibrary(directory: directory.path), policies: policies) {
            (_) throws(ImageError) in .host
        }
        var request = RunRequest(language: "toy", code: [0x78])
        change(&request)
        let plan = try planner.plan(request, try planner.settings(language: "toy"))
        return switch plan.steps.last?.spec.preparation {
        case .fork: "fork"
        case .boot: "boot"
        default: "none"
        }
    }

    @Test func asFarAsImageAndPolicySay() throws {
        #expect(try kind() == "fork")
        #expect(try kind(policy: "boot") == "boot")
        #expect(try kind(policy: "none") == "none")
        #expect(try kind(warm: "{mode: boot}") == "boot")
    }

    @Test func aVariableOfTheImageThatIsReadAtTheStartIsNotLost() throws {
        #expect(try kind("env: {PYTHONOPTIMIZE: \"1\"}") == "boot")
        #expect(try kind("env: {PYTHONPATH: /usr/lib/ours}") == "boot")
        #expect(try kind("env: {TZ: \"<+03>-3\"}") == "boot")
        // The image's own library is told by the image's own module.
        #expect(try kind("env: {OPENBLAS_NUM_THREADS: \"1\"}") == "fork")
        #expect(try kind("env: {PYTHONUTF8: \"1\", TZ: Europe/Berlin, GREETING: \"a 'b'\"}") == "fork")
    }

    @Test(arguments: [
        "PYTHONOPTIMIZE", "_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "NODE_OPTIONS", "PATH",
        "HOME", "LC_ALL", "MALLOC_ARENA_MAX", "OMP_NUM_THREADS", "MPLBACKEND", "TCLLIBPATH", "SBCL_HOME",
        "GUILE_LOAD_PATH",
        "AWKPATH", "SWI_HOME_DIR", "PLTCOLLECTS", "OCTAVE_HOME", "GFORTHPATH", "GC_NPROCS", "TMPDIR",
        "GFORTRAN_UNBUFFERED_ALL",
    ])
    func aVariableOfTheRequestThatIsReadAtTheStartGoesCold(name: String) throws {
        #expect(try kind { $0.environment = [name: "x"] } == "none")
        #expect(try kind { $0.environment = ["GREETING": "x"] } == "fork")
    }

    @Test func anyVariableComesTooLateWhereTheEnvironmentIsCopiedAtTheStart() throws {
        for (warm, expected) in [("{mode: boot, env: fixed}", "none"), ("{mode: boot, env: live}", "boot")] {
            #expect(try kind(warm: warm) == "boot")
            #expect(try kind(warm: warm) { $0.environment = ["GREETING": "x"] } == expected)
        }
    }

    @Test(arguments: [".local/lib/python3.11/site-packages/x.pth", ".pth"])
    func aFileThatIsLookedForAtTheStartGoesCold(path: String) throws {
        for warm in ["{mode: boot}", "{mode: fork, language: python}"] {
            #expect(try kind(warm: warm) { $0.files = [.init(path: path, content: [0x78])] } == "none")
        }
        #expect(try kind { $0.files = [.init(path: "main.pyx/a", content: [0x78])] } == "fork")
    }

    /// No request can put a file into a directory in the script's place: there is the script.
    @Test func aDirectoryInTheScriptsPlaceIsRefused() throws {
        let error = try #require(throws: APIError.self) {
            try kind { $0.files = [.init(path: "main.py/__main__.py", content: [0x78])] }
        }
        #expect(error.code == .invalidFileName)
    }

    @Test func aScriptWhoseNameIsNotPlainGoesCold() throws {
        #expect(try kind(file: "'my main.py'", run: "[python3, 'my main.py']") == "none")
        #expect(try kind(file: "src/main.py", run: "[python3, src/main.py]") == "none")
    }
}
