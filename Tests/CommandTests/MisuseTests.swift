import Foundation
import Glibc
import TestSupport
import Testing

@testable import nestbox

/// What people type who have never used it.
@Suite(.enabled(if: NestboxExecutable.path != nil, "nestbox has not been built"))
struct MisuseTests {
    private let toys: Toys

    init() throws {
        toys = try Toys()
    }

    @Test(arguments: [
        (["rn", "x.py"], "unknown command 'rn'; did you mean 'run'? ('nestbox --help' lists the commands)"),
        (["polcy"], "unknown command 'polcy'; did you mean 'policy'?"),
        (["xyzzy"], "unknown command 'xyzzy' ('nestbox --help'"),
        (
            ["policy", "chek"],
            "unknown command of 'nestbox policy' 'chek'; did you mean 'check'? ('nestbox policy --help'"
        ),
        (["help", "rn"], "unknown command 'rn'; did you mean 'run'?"),
        (["help", "image", "lst"], "unknown command of 'nestbox image' 'lst'; did you mean 'list'?"),
        (["run", "--lang", "toy", "x"], "unknown option '--lang'; did you mean '--language'? ('nestbox run --help'"),
        (["run", "--jsn", "x"], "unknown option '--jsn'; did you mean '--json'?"),
        (["run", "--memory", "64m", "x"], "unknown option '--memory'; did you mean '--limit memory=VALUE'?"),
        (["run", "--timeout=3", "x"], "unknown option '--timeout'; did you mean '--limit wall=VALUE'?"),
        (["run", "--xyzzy", "x"], "unknown option '--xyzzy' ('nestbox run --help' lists the options)"),
        (
            ["--policies", "x", "policy", "check"],
            "option '--policies' stands before its command, allowed is after it"
        ),
        (["key", "list", "--policies", "x"], "unknown option '--policies'"),
        (["run"], "missing expected argument '<file>'"),
        (
            ["image", "build", "--jobs", "x", "toy"],
            "the value 'x' is invalid for '--jobs <n>', allowed a whole number"
        ),
        (
            ["policy", "check", "--policies", "/nope"],
            "policies (--policies): found \"/nope\", allowed a directory that is there"
        ),
        (
            ["image", "list", "--images", "/nope"],
            "images (--images): found \"/nope\", allowed a directory that is there"
        ),
        (["image", "show", "toi"], "\"toi\"; did you mean \"toy\"? ('nestbox image list' shows all)"),
        (["policy", "show", "toi"], "\"toi\"; did you mean \"toy\"? ('nestbox policy list' shows all)"),
        (["config", "show", "--lisen", "x"], "unknown option \"--lisen\", did you mean \"--listen\"?"),
        (["config", "show", "--listen", "x"], "listen (--listen): found \"x\", allowed an IP address and a port"),
        (
            ["serve", "--listen", "x"],
            "nestbox serve: listen (--listen): found \"x\", allowed an IP address and a port"
        ),
        (["pool", "list", "--server", "x"], "found \"x\", allowed http:// or https:// and a host"),
        (["pool", "list", "--server", "http://127.0.0.1:1"], "nothing listens at 127.0.0.1:1: is the service running"),
        (["run", "--server", "http://[::1]:1", "hello.toy"], "nothing listens at [::1]:1: is the service running"),
        (["bench", "--only", "x"], "nestbox bench: no section x: there are latency"),
    ])
    func isAnsweredInALineWithWhatWasMeant(arguments: [String], words: String) throws {
        if arguments[0] == "bench", geteuid() != 0 { return }
        let answer = try toys.nestbox(arguments)
        #expect(answer.status == ExitTable.failed, "\(answer)")
        #expect(answer.stderr.contains(words), "\(answer)")
        #expect(
            answer.stderr.hasPrefix("nestbox") && answer.stderr.split(separator: "\n").allSatisfy { $0.count < 300 })
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to be somebody else"))
    func whoIsNotRootIsToldOnce() throws {
        func other(_ arguments: [String]) throws -> (status: Int32, output: String) {
            // Not in a directory that is closed to others.
            let executable = try #require(NestboxExecutable.path)
            let program = try FinishedProgram.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", executable] + arguments,
                environment: [
                    "NESTBOX_POLICIES": toys.path + "/policies", "NESTBOX_IMAGES": toys.path + "/images",
                    "NESTBOX_STATE": "/proc/nestbox",
                ])
            return (program.status, program.stdout + program.stderr)
        }
        chmod(toys.path, 0o755)
        let build = try other(["image", "build", "toy"])
        // Where the build directory is closed to others, nothing can be tried.
        if build.output.contains("setpriv: ") { return }
        #expect(
            build.status == 125
                && build.output == "nestbox: only root can build the root of toy, this is uid 65534; use sudo\n")
        let remove = try other(["image", "remove", "toy"])
        #expect(remove.output == "nestbox: only root can remove roots, this is uid 65534; use sudo\n", "\(remove)")
        let doctor = try other(["doctor"])
        #expect(doctor.output.contains("MISSING  root "), "\(doctor)")
        #expect(
            !doctor.output.contains("not writable: EACCES") && !doctor.output.contains("CAP_SYS_ADMIN"), "\(doctor)")
    }

    @Test func oneTableHasTheStatusesOfAllCommands() throws {
        let answer = try toys.nestbox(["help", "exit-status"])
        #expect(answer.status == 0 && answer.stderr == "")
        let documents = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/cli.md").standardizedFileURL.path
        let text = try String(contentsOfFile: documents, encoding: .utf8)
        for status in ["0", "1", "125", "124", "126", "128", "130, 143, 129", "141"] {
            #expect(answer.stdout.contains("\n  \(status)"), "\(status)")
            #expect(text.contains("\n| \(status) "), "\(status)")
        }
        #expect(try toys.nestbox(["--version"]).stdout.hasPrefix("nestbox 0."))
    }

    @Test func helpCallsACommandByItsName() throws {
        for command in [["serve"], ["config", "show"], ["bench"]] {
            let answer = try toys.nestbox(command + ["--help"])
            let usage = answer.stdout.split(separator: "\n").first.map(String.init) ?? ""
            #expect(usage.lowercased().hasPrefix("usage: nestbox \(command.joined(separator: " ")) "), "\(usage)")
        }
        // Options that mean nothing to a command are not among its own.
        let key = try toys.nestbox(["key", "list", "--help"]).stdout
        #expect(key.contains("--keys") && key.contains("--state") && !key.contains("--images"))
        let policy = try toys.nestbox(["policy", "list", "--help"]).stdout
        #expect(policy.contains("--policies") && !policy.contains("--state"))
    }

    @Test func aBuildThatIsSilentIsSaidToGoOn() {
        var pulse = BuildPulse()
        let start = ContinuousClock.now
        #expect(pulse.line(now: start + .seconds(60)) == nil)
        pulse.begin(1, "cpp", now: start)
        pulse.begin(2, "java", now: start + .seconds(5))
        #expect(pulse.line(now: start + .seconds(19)) == nil)
        #expect(pulse.line(now: start + .seconds(20)) == "still building: cpp (20 s), java (15 s)")
        #expect(pulse.line(now: start + .seconds(34)) == nil)
        pulse.end(1, now: start + .seconds(34))
        #expect(pulse.line(now: start + .seconds(50)) == "still building: java (45 s)")
        pulse.end(2, now: start + .seconds(51))
        #expect(pulse.line(now: start + .seconds(99)) == nil)
    }
}
