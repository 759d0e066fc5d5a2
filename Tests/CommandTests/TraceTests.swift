import Foundation
import Glibc
import TestSupport
import Testing

/// `nestbox policy trace` in real sandboxes, on the machine's own python.
@Suite(
    .enabled(if: NestboxExecutable.canRunPrograms, "needs root, and nestbox, nestbox-warden and nestbox-init built"),
    .serialized)
struct TraceTests {
    private let scratch: TemporaryDirectory

    init() throws {
        scratch = try TemporaryDirectory()
        try scratch.write(
            """
            version: 1
            name: python
            extensions: [py]
            root: {host: true}
            file: main.py
            run: [python3, -I, -S, main.py]
            check: {code: 'print(1)', stdout: "1\\n"}

            """, to: "images/python/image.yaml")
        try scratch.write("# none\n", to: "overlay/policies/README")
    }

    private var policies: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../policies").standardizedFileURL.path
    }

    private func nestbox(_ arguments: [String]) throws -> NestboxExecutable.Answer {
        try NestboxExecutable.run(
            arguments,
            environment: [
                "NESTBOX_POLICIES": policies, "NESTBOX_IMAGES": scratch.path + "/images",
                "NESTBOX_STATE": scratch.path + "/state", "NESTBOX_OVERLAY": scratch.path + "/overlay",
            ], directory: scratch.path)
    }

    /// What `--json` says, as far as it is tested.
    private struct Report: Decodable {
        struct Argument: Decodable {
            let name, value: String
            let claimed: Bool
        }
        struct Call: Decodable {
            let call, answer: String
            let arguments: [Argument]
            let count: Int
        }
        struct File: Decodable {
            let path, wish, error: String
        }
        struct Destination: Decodable {
            let kind, place: String
        }
        struct Advice: Decodable {
            struct Change: Decodable {
                let key, value: String
                let danger: String?
            }
            struct Refusal: Decodable { let what: String }
            let changes: [Change]
            let impossible: [Refusal]
            let yaml: String?
        }
        let policy: String
        let calls: [Call]
        let files: [File]
        let network: [Destination]
        let advice: Advice
    }

    private func trace(_ program: String, _ options: [String] = []) throws -> (Report, stderr: String) {
        try scratch.write(program, to: "main.py")
        let answer = try nestbox(["policy", "trace", "-p", "default", "--json"] + options + ["--", "main.py", "word"])
        try #require(answer.status == 0, "\(answer.stderr)")
        return (try JSONDecoder().decode(Report.self, from: Data(answer.stdout.utf8)), answer.stderr)
    }

    private static let refusedCalls = """
        import ctypes, os, socket, sys
        libc = ctypes.CDLL(None, use_errno=True)
        def call(number, *arguments):
            result = libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
            return ctypes.get_errno() if result < 0 else 0
        print([call(294, 0) for _ in range(3)])          # inotify_init1
        print(call(101, 16, 1, 0, 0))                    # ptrace(PTRACE_ATTACH)
        print(call(272, 0x10000000))                     # unshare(CLONE_NEWUSER)
        print(call(165, b"none", b"/mnt", b"tmpfs", 1, 0))
        print(call(157, 22, 2, 0, 0, 0))                 # prctl(PR_SET_SECCOMP)
        try: socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        except OSError as error: print(error.errno)
        for path, mode in [("/etc/no-such-file", "r"), ("/usr/new", "w"), ("/etc/passwd", "a"), ("/box/made", "w")]:
            try: print(open(path, mode).close())
            except OSError as error: print(path, error.errno)
        print("went on", sys.argv[1:])
        """

    @Test("what the policy refused is named with its arguments, and the program went on with the policy's errors")
    func refusals() throws {
        let (report, stderr) = try trace(Self.refusedCalls)
        // The same program without an observer.
        let plain = try nestbox(["run", "-q", "-p", "default", "main.py", "--", "word"])
        #expect(
            plain.status == 0 && stderr.hasPrefix(plain.stdout) && !plain.stdout.isEmpty, "\(stderr)\(plain.stdout)")
        #expect(stderr.contains("went on ['word']"))
        let calls = Dictionary(report.calls.map { ($0.call, $0) }) { first, _ in first }
        func words(_ name: String) -> String? {
            calls[name].map { call in
                call.arguments.map { "\($0.name)=\($0.value)\($0.claimed ? "?" : "")" }.joined(separator: " ")
            }
        }
        #expect(calls["inotify_init1"]?.count == 3 && calls["inotify_init1"]?.answer == "ENOSYS")
        #expect(words("ptrace") == "request=PTRACE_ATTACH pid=1")
        #expect(words("unshare") == "flags=CLONE_NEWUSER")
        #expect(words("mount") == "source=none? target=/mnt? type=tmpfs? flags=MS_RDONLY")
        #expect(words("prctl") == "option=PR_SET_SECCOMP" && calls["prctl"]?.answer == "EPERM")
        #expect(words("socket")?.hasPrefix("domain=AF_INET type=SOCK_STREAM") == true)
        #expect(calls["socket"]?.answer == "EAFNOSUPPORT")
    }

    @Test("files that were not there or not to be written are named, and what was there is not")
    func files() throws {
        let (report, stderr) = try trace(Self.refusedCalls)
        let files = report.files.map { "\($0.wish) \($0.path) \($0.error)" }
        #expect(files.contains("read /etc/no-such-file ENOENT"))
        #expect(files.contains("create /usr/new EROFS"))
        #expect(stderr.contains("/usr/new 30\n") && stderr.contains("/etc/passwd "))
        #expect(report.files.contains { $0.path == "/etc/passwd" && ["EROFS", "EACCES"].contains($0.error) })
        #expect(!report.files.contains { $0.path.hasPrefix("/box/made") || $0.path == "/box/main.py" })
    }

    @Test("the advice names the smallest change, and what no policy allows; as a policy it is right")
    func advice() throws {
        let (report, _) = try trace(Self.refusedCalls)
        let changes = report.advice.changes.map { "\($0.key) \($0.value)" }
        #expect(Set(changes) == ["syscalls.allow @inotify", "network loopback"], "\(changes)")
        #expect(report.advice.changes.first { $0.value == "@inotify" }?.danger != nil)
        let impossible = report.advice.impossible.map(\.what).joined(separator: " ")
        for call in ["ptrace", "unshare", "mount", "prctl"] { #expect(impossible.contains(call)) }
        let yaml = try #require(report.advice.yaml).replacing("#     - ", with: "    - ")
        try scratch.write(yaml, to: "overlay/policies/default-traced.yaml")
        let check = try nestbox(["policy", "check", "default-traced"])
        #expect(check.status == 0, "\(check.stdout)\(check.stderr)")
        // Under it the program gets what it wanted.
        let again = try nestbox(["policy", "trace", "--json", "-p", "default-traced", "--", "main.py"])
        let second = try JSONDecoder().decode(Report.self, from: Data(again.stdout.utf8))
        #expect(!second.calls.contains { ["inotify_init1", "socket"].contains($0.call) })
        #expect(second.advice.changes.isEmpty)
    }

    @Test("with sockets, destinations are named: addresses, and names that were asked for")
    func destinations() throws {
        let (report, _) = try trace(
            """
            import socket
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try: s.connect(("192.0.2.1", 443))
            except OSError as error: print(error)
            u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            u.connect(("127.0.0.1", 53))
            u.send(bytes([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3]) + b"www" + bytes([7]) + b"example" + bytes([3]) + b"org" + bytes([0, 0, 1, 0, 1]))
            """, ["--network", "loopback"])
        #expect(report.network.map { "\($0.kind) \($0.place)" } == ["address 192.0.2.1:443", "name www.example.org"])
        #expect(report.advice.changes.map(\.value) == ["egress: 192.0.2.1:443"])
        #expect(report.advice.changes[0].danger != nil)
    }

    @Test("processes and threads are observed, too, and a flood is counted and ends at the limit")
    func flood() throws {
        let (report, stderr) = try trace(
            """
            import ctypes, os, threading
            libc = ctypes.CDLL(None)
            def work():
                for n in range(500): libc.syscall(294, 0)
            threads = [threading.Thread(target=work) for _ in range(4)]
            if os.fork() == 0:
                work(); os._exit(0)
            for t in threads: t.start()
            for t in threads: t.join()
            os.wait()
            while True: libc.syscall(16, 0, 0x5412, 0)
            """, ["--limit", "cpu=2s", "--limit", "wall=2s"])
        #expect(report.calls.first { $0.call == "inotify_init1" }?.count == 2500)
        #expect(
            report.calls.contains { $0.call == "ioctl" && $0.arguments.first?.value == "TIOCSTI" && $0.count > 100 })
        #expect(stderr.contains("_limit ("), "\(stderr)")
    }

    @Test("people read it, too; and what is wrong is said")
    func text() throws {
        try scratch.write("import os\nopen('/etc/no-such-file-here')\n", to: "main.py")
        let answer = try nestbox(["policy", "trace", "main.py"])
        #expect(answer.status == 0)
        #expect(answer.stdout.contains("files it wanted and did not get\n"))
        #expect(answer.stdout.contains("read  /etc/no-such-file-here\n"))
        let step = try nestbox(["policy", "trace", "--step", "compile", "main.py"])
        #expect(step.status == 125 && step.stderr.contains("no compile step"))
    }
}
