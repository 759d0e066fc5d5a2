import Foundation
import Glibc
import TestSupport
import Testing

/// What the service sends to a collector of spans.
@Suite("Traces", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct TraceTests {
    /// A collector that answers as it is told; gone with its owner.
    private final class Collector {
        let url: String
        private let directory: TemporaryDirectory
        private let process = Process()
        private var spool: String { directory.path + "/spans" }

        init(_ answers: [String] = ["200"]) throws {
            directory = try TemporaryDirectory()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments =
                [Service.repository + "/Tests/ServiceTests/Traces/collector.py", directory.path + "/spans"] + answers
            process.standardOutput = output
            try process.run()
            let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            url = "http://127.0.0.1:" + line.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        deinit {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        /// All spans so far, as opentelemetry-proto reads them.
        func spans() throws -> [[String: Any]] {
            guard FileManager.default.fileExists(atPath: spool) else { return [] }
            let done = try FinishedProgram.run([
                "/bin/sh", "-c", "exec \"$0\" \"$1\" < \"$2\"", TraceTests.python,
                Service.repository + "/Tests/TraceExportTests/decode.py", spool,
            ])
            try #require(done.status == 0, "\(done.stderr)")
            return try #require(JSONSerialization.jsonObject(with: Data(done.stdout.utf8)) as? [[String: Any]])
        }
    }

    private static let python = Service.repository + "/.build/venv/bin/python"
    private static let hasPython = FileManager.default.isExecutableFile(atPath: python)

    private static func parent(_ digit: Character, sampled: Bool = true) -> (trace: String, header: String) {
        let trace = String(repeating: digit, count: 32)
        return (trace, "traceparent: 00-\(trace)-00f067aa0ba902b7-0\(sampled ? 1 : 0)")
    }

    private static func spans(_ all: [[String: Any]], of trace: String) -> [[String: Any]] {
        all.filter { $0["trace"] as? String == trace }
    }

    private static func name(_ span: [String: Any]) -> String { span["name"] as? String ?? "" }

    @Test(
        "a run has its spans in the caller's trace, whichever way it was submitted; a cell of a session, too",
        .enabled(if: TraceTests.hasPython, "needs .build/venv, which deploy/test makes"))
    func trees() throws {
        let collector = try Collector()
        let service = try Service(["--traces-endpoint", collector.url, "--rate-burst", "1000"])
        let body = Service.json(["language": "bash", "code": "echo x; sleep 0.1"])
        // REST, with the trace in the result and in the log.
        let (rest, restHeader) = Self.parent("1")
        let answer = try service.request(
            "POST", "/api/v1/execute", body: body, headers: [restHeader, "tracestate: vendor=1"])
        #expect(answer.json["trace_id"] as? String == rest, "\(answer.text)")
        #expect(service.records.contains("\"trace_id\":\"\(rest)\""))
        // Server-sent events.
        let (events, eventsHeader) = Self.parent("2")
        let stream = try service.request("POST", "/api/v1/execute/stream", body: body, headers: [eventsHeader])
        #expect(stream.text.contains(events))
        // A WebSocket, whose messages are its requests.
        let (web, webHeader) = Self.parent("3")
        let socket = try Socket(service, headers: [webHeader])
        for _ in 0..<2 {
            socket.send(["type": "execute", "language": "bash", "code": "echo x"])
            #expect(socket.message("finished")?["trace_id"] as? String == web)
        }
        socket.close()
        // A session.
        let (cell, cellHeader) = Self.parent("4")
        let session = try service.makeSession()
        let done = try service.request(
            "POST", session + "/execute", body: Service.json(["code": "6 * 7"]), headers: [cellHeader])
        #expect(done.status == 200, "\(done.text)")
        // Not wanted by the caller; named all the same.
        let (off, offHeader) = Self.parent("5", sampled: false)
        #expect(
            try service.request("POST", "/api/v1/execute", body: body, headers: [offHeader]).json["trace_id"]
                as? String == off)
        // Begun here.
        let own = try #require(try service.execute("bash", "echo x").json["trace_id"] as? String)
        #expect(own.count == 32)

        var all: [[String: Any]] = []
        let areThere = try service.eventually {
            all = try collector.spans()
            return Self.spans(all, of: own).contains { Self.name($0).hasPrefix("run") }
        }
        #expect(areThere, "\(all)")
        let stages: Set = ["queue", "lease", "start", "run", "stream"]
        for (trace, root) in [
            (rest, "POST /api/v1/execute"), (events, "POST /api/v1/execute/stream"), (web, "execute /api/v1/ws"),
            (own, "POST /api/v1/execute"),
        ] {
            let spans = Self.spans(all, of: trace)
            let roots = spans.filter { Self.name($0) == root }
            #expect(roots.count == (trace == web ? 2 : 1), "\(root): \(spans.map(Self.name))")
            let request = try #require(roots.first)
            #expect(request["kind"] as? Int == 2)
            #expect(request["parent"] as? String == (trace == own ? "" : "00f067aa0ba902b7"))
            let run = try #require(
                spans.first {
                    Self.name($0) == "run bash" && $0["parent"] as? String == request["span"] as? String
                }, "\(spans)")
            let attributes = try #require(run["attributes"] as? [String: Any])
            #expect(attributes["nestbox.verdict"] as? String == "ok" && attributes["nestbox.run_id"] != nil)
            let below = spans.filter { $0["parent"] as? String == run["span"] as? String }
            #expect(stages.isSubset(of: Set(below.map(Self.name))), "\(below.map(Self.name))")
            for stage in below {
                let (start, end) = (stage["start"] as? Int ?? 0, stage["end"] as? Int ?? 0)
                #expect(start >= run["start"] as? Int ?? .max && end <= run["end"] as? Int ?? 0 && end >= start)
            }
        }
        #expect(Self.spans(all, of: rest).allSatisfy { $0["state"] as? String == "vendor=1" })
        // The program slept so long.
        let ran = Self.spans(all, of: rest).first { Self.name($0) == "run" }
        #expect((ran?["end"] as? Int ?? 0) - (ran?["start"] as? Int ?? 0) >= 100_000_000)
        let cells = Self.spans(all, of: cell)
        #expect(cells.map(Self.name).sorted() == ["POST /api/v1/sessions/{}/execute", "cell python"], "\(cells)")
        #expect(Self.spans(all, of: off).isEmpty)
        #expect(!all.contains { Self.name($0).contains("/healthz") || Self.name($0).contains("/metrics") })
        #expect(all.allSatisfy { $0["service"] as? String == "nestbox" })
    }

    @Test(
        "a collector that answers 503 gets the spans again later; each arrives once",
        .enabled(if: TraceTests.hasPython, "needs .build/venv, which deploy/test makes"))
    func unavailable() throws {
        let collector = try Collector(["503", "200"])
        let service = try Service(["--traces-endpoint", collector.url])
        #expect(try service.execute("bash", "echo x").status == 200)
        let isThere = try service.eventually { try collector.spans().contains { Self.name($0) == "run bash" } }
        let spans = try collector.spans()
        #expect(isThere && Set(spans.map { $0["span"] as? String }).count == spans.count)
        #expect(service.records.contains("spans cannot be exported"))
        #expect(service.eventually { service.records.contains("spans are exported again") })
        #expect(
            try service.request("GET", "/metrics").text.contains(
                "nestbox_trace_spans_total{outcome=\"exported\"} \(spans.count)\n"))
    }

    @Test("a collector that hangs, or is not there, disturbs neither runs nor the end of the service")
    func hanging() throws {
        let collector = try Collector(["hang"])
        for endpoint in [collector.url, "http://127.0.0.1:\(try LoopbackPort.free())"] {
            let service = try Service(["--traces-endpoint", endpoint, "--rate-burst", "1000"])
            for _ in 0..<20 {
                let start = ContinuousClock.now
                #expect(try service.execute("bash", "echo x").json["stdout"] as? String == "x\n")
                #expect(ContinuousClock.now - start < .seconds(5))
            }
            // It is being sent by now, or cannot be.
            usleep(2_500_000)
            #expect(try service.request("GET", "/readyz").status == 200)
            let start = ContinuousClock.now
            #expect(service.stop() == 0)
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test("headers for the collector come from a file; a wrong file is told before the service starts")
    func headers() throws {
        let directory = try TemporaryDirectory()
        chmod(directory.path, 0o755)
        try directory.write("# a key\nnot a header\n", to: "headers")
        chmod(directory.path + "/headers", 0o644)
        #expect(throws: Service.Failed.self) {
            try Service([
                "--traces-endpoint", "http://127.0.0.1:4318", "--traces-headers", directory.path + "/headers",
            ])
        }
    }

    @Test("without a collector the caller's trace is in the result all the same; a wrong traceparent is none")
    func propagation() throws {
        let service = try Service.shared([
            "--max-running-runs", "4", "--rate-burst", "100000", "--rate-per-minute", "100000",
        ])
        let body = Service.json(["language": "bash", "code": "echo x"])
        let (trace, header) = Self.parent("6")
        #expect(
            try service.request("POST", "/api/v1/execute", body: body, headers: [header]).json["trace_id"]
                as? String == trace)
        for wrong in [[], ["traceparent: 00-1-2-3"], [header, header]] as [[String]] {
            let answer = try service.request("POST", "/api/v1/execute", body: body, headers: wrong)
            #expect(answer.status == 200 && answer.json["trace_id"] == nil, "\(wrong)")
        }
    }
}
