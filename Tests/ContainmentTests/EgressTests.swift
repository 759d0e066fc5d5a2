internal import Egress
internal import EgressRules
internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import SandboxSpec
internal import Testing
internal import WardenClient
internal import WardenProtocol

extension Containment {
    /// The way out, from inside of real sandboxes of every preparation, to a server of this machine.
    @Suite("Egress")
    struct Egress {
        /// Answers every name with this machine.
        private struct Here: NameResolving {
            func resolve(_ name: String, for client: UInt64, done: @escaping @Sendable ([IPAddress]?) -> Void) {
                done(
                    name.hasPrefix("inner")
                        ? [IPAddress("10.0.0.1")].compactMap(\.self) : [IPAddress("127.0.0.1")].compactMap(\.self))
            }
        }

        /// A web server that says hello, on a port of its own, until it is gone.
        private final class WebServer: Sendable {
            let port: UInt16
            private let process: ChildOfTest

            init() throws {
                process = try ChildOfTest(
                    """
                    import http.server, sys
                    class H(http.server.BaseHTTPRequestHandler):
                        def do_GET(self):
                            self.send_response(200); self.send_header("Content-Length", "5"); self.end_headers()
                            self.wfile.write(b"hello")
                        def log_message(self, *a): pass
                    s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
                    print(s.server_port, flush=True)
                    s.serve_forever()
                    """)
                port = try #require(UInt16(process.firstLine))
            }
        }

        private static func options(_ warmth: TestWarmth, _ script: String, network: NetworkAccess = .egress) throws
            -> ProbeOptions
        {
            var options = ProbeOptions()
            options.network = network
            options.warmth = .cold
            options.uploadsProbe = false
            options.input = nil
            options.program = ["python3", "main.py"]
            options.files = [("main.py", Array(script.utf8))]
            let interpreter = try Interpreter(
                command: options.program, environment: options.environment, script: "main.py")
            options.preparation =
                switch warmth {
                case .cold: Preparation.none
                case .boot: .boot(interpreter)
                case .fork: .fork(.python, interpreter)
                }
            return options
        }

        private static func run(
            _ script: String, _ warmth: TestWarmth, _ service: EgressService, _ grant: EgressGrant
        ) async throws -> (lines: [String], door: EgressDoor) {
            let live = try await LiveSandbox([], try options(warmth, script), on: try await TestWarden.shared)
            let listener = try #require(live.listener)
            let door = try service.open(listener, grant)
            try live.start()
            let run = try await live.finish()
            door.close()
            #expect(run.outcome.verdict == .ok, "\(run.summary)")
            return (run.lines, door)
        }

        private static let attempt = """
            import errno, os, socket, urllib.request, urllib.error
            def get(url):
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": "http://127.0.0.1:3128"}))
                try: return opener.open(url, timeout=10).read().decode()
                except urllib.error.HTTPError as e: return str(e.code) + " " + e.headers["Nestbox-Refused"]
            def direct(host, port, family=socket.AF_INET, kind=socket.SOCK_STREAM):
                s = socket.socket(family, kind)
                s.settimeout(3)
                try: s.connect((host, port)); return "connected"
                except OSError as e: return errno.errorcode.get(e.errno, str(e))

            """

        @Test(
            "H01, H09: allowed hosts are reached, others are refused in words, and there is no other way",
            arguments: TestWarmth.allCases)
        func reach(_ warmth: TestWarmth) async throws {
            let server = try WebServer()
            let port = server.port
            var settings = EgressService.Settings()
            settings.times.connectOne = 1_000_000_000
            let service = EgressService(settings, resolver: Here())
            let grant = EgressGrant(
                rules: ["a.example.org:\(port)", "inner.example.org:\(port)", "plain.example.org:9"].compactMap {
                    EgressRule($0)
                },
                privateRanges: [PrivateRange("127.0.0.1/32:\(port)")].compactMap(\.self))
            let (lines, door) = try await Self.run(
                Self.attempt + """
                    print(get("http://a.example.org:\(port)/"))
                    print(get("http://b.example.org:\(port)/"))
                    print(get("http://inner.example.org:\(port)/"))
                    print(get("http://plain.example.org:9/"))
                    print(get("http://127.0.0.1:\(port)/"))
                    print(direct("192.0.2.1", 80), direct("169.254.169.254", 80), direct("192.0.2.1", 53, kind=socket.SOCK_DGRAM))
                    print(direct("2001:db8::1", 80, socket.AF_INET6), direct("fe80::1%lo", 80, socket.AF_INET6))
                    print(direct("127.0.0.1", \(port)))
                    try: socket.getaddrinfo("a.example.org", 80); print("resolved")
                    except OSError: print("no names")
                    try: socket.socket().bind(("127.0.0.1", 3128)); print("bound")
                    except OSError as e: print(errno.errorcode[e.errno])
                    print(sum("socket" in os.readlink("/proc/self/fd/" + n) for n in os.listdir("/proc/self/fd") if os.path.islink("/proc/self/fd/" + n)))
                    """, warmth, service, grant)
            #expect(
                lines == [
                    "hello", "403 policy", "403 address", "403 address", "403 policy",
                    "ENETUNREACH ENETUNREACH ENETUNREACH", "ENETUNREACH ENETUNREACH", "ECONNREFUSED", "no names",
                    "EADDRINUSE", "0",
                ] || lines.count == 11 && lines[6].hasPrefix("ENETUNREACH E"), "\(lines)")
            let report = door.report
            #expect(report.connections == 1 && report.bytesIn > 5 && report.bytesOut > 5, "\(report)")
            #expect(report.refused.map(\.reason).sorted() == ["address", "address", "policy", "policy"])
            for refusal in report.refused {
                Attempts.record("H01", "\(refusal.host) (\(warmth))", capable: true, contained: true, refusal.reason)
            }
        }

        @Test("another sandbox does not reach the listener, nor does anybody when it has been closed")
        func separate() async throws {
            let service = EgressService(resolver: Here())
            let one = try await LiveSandbox(
                [], try Self.options(.cold, "import sys; sys.stdin.read()"), on: try await TestWarden.shared)
            let door = try service.open(try #require(one.listener), EgressGrant(rules: []))
            try one.start()
            let other = try await LiveSandbox(
                [], try Self.options(.cold, Self.attempt + "print(direct('127.0.0.1', 3128))", network: .loopback),
                on: try await TestWarden.shared)
            #expect(other.listener == nil)
            try other.start()
            #expect(try await other.finish().lines == ["ECONNREFUSED"])
            one.kill()
            _ = try await one.finish()
            door.close()
            let late = try await LiveSandbox(
                [], try Self.options(.cold, Self.attempt + "print(direct('127.0.0.1', 3128))"),
                on: try await TestWarden.shared)
            try #require(late.listener).close()
            try late.start()
            #expect(try await late.finish().lines == ["ECONNREFUSED"])
        }

        @Test("a flood of connections stays within its bounds, and ends with the sandbox")
        func flood() async throws {
            let service = EgressService(resolver: Here())
            let (lines, door) = try await Self.run(
                """
                import socket
                held = []
                for i in range(150):
                    s = socket.socket(); s.setblocking(False)
                    try: s.connect(("127.0.0.1", 3128))
                    except BlockingIOError: pass
                    held.append(s)
                print("done")
                """, .cold, service, EgressGrant(rules: [], connections: 8))
            #expect(lines == ["done"])
            for _ in 0..<200 where service.totals.open > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(service.totals.open == 0 && service.totals.doors == 0)
            #expect(door.report.connections == 0)
        }
    }
}

/// A python program of the test, ended with it.
private final class ChildOfTest: Sendable {
    private let process: Process
    let firstLine: String

    init(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        self.process = process
        let data = output.fileHandleForReading.availableData
        firstLine = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        // Not by SIGTERM, which the test runner may have blocked for its children.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
