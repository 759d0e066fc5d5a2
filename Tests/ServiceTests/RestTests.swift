import Foundation
import TestSupport
import Testing

@Suite("REST", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct RestTests {
    private let service: Service

    init() throws {
        service = try Service.shared([
            "--max-running-runs", "2", "--max-running-per-client", "2", "--max-queued-runs", "2", "--rate-burst",
            "5000",
        ])
    }

    @Test("execute answers with what the program printed and how it ended")
    func execute() throws {
        let answer = try service.execute("python", "import sys; print(6*7); print('no', file=sys.stderr); sys.exit(3)")
        #expect(answer.status == 200)
        #expect(answer.json["stdout"] as? String == "42\n")
        #expect(answer.json["stderr"] as? String == "no\n")
        #expect(answer.json["verdict"] as? String == "nonzero_exit")
        #expect(answer.json["exit_code"] as? Int == 3)
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["ratelimit-limit"] != nil)
    }

    @Test("files, arguments, environment, stdin, limits and artifacts reach the program")
    func submission() throws {
        let body: [String: Any] = [
            "language": "bash",
            "files": [
                ["name": "main.sh", "content": "cat; echo $1 $WHO; cat d/x; echo out > o.txt; ulimit -n"],
                ["name": "d/x", "content": "eA==", "encoding": "base64"],
            ], "stdin": "in\n", "args": ["arg"], "env": ["WHO": "me"], "limits": ["open_files": 33],
            "artifacts": ["*.txt"],
        ]
        let answer = try service.request("POST", "/api/v1/execute", body: Service.json(body))
        #expect(answer.json["stdout"] as? String == "in\narg me\nx33\n", "\(answer.text)")
        let id = try #require(answer.json["run_id"] as? String)
        let file = try service.request("GET", "/api/v1/runs/\(id)/artifacts/o.txt")
        #expect(file.text == "out\n")
        #expect(file.headers["content-disposition"] == "attachment; filename=\"o.txt\"")
        #expect(try service.request("GET", "/api/v1/runs/\(id)/artifacts/nope").code == "ARTIFACT_NOT_FOUND")
    }

    @Test("a run may ask for a network of its own, for more of any limit, and for files by their whole paths")
    func asked() throws {
        let code = """
            import os, socket, resource
            server = socket.create_server(("127.0.0.1", 0))
            client = socket.create_connection(server.getsockname())
            client.sendall(b"over loopback")
            print(server.accept()[0].recv(99).decode(), resource.getrlimit(resource.RLIMIT_STACK)[0] >> 20)
            descriptor = os.memfd_create("shared")
            os.ftruncate(descriptor, 200 << 20)
            open("/box/out.txt", "w").write("out")
            """
        let limits: [String: Any] = [
            "wall": "30s", "stack": "100MiB", "output": "2MiB", "disk": "80MiB", "processes": 80, "inodes": 9000,
            "open_files": 300, "cpus": 1.5, "idle": "20s", "file_size": "80MiB",
        ]
        let body: [String: Any] = [
            "language": "python", "code": code, "network": "loopback", "limits": limits, "artifacts": ["/box/out.txt"],
        ]
        let answer = try service.request("POST", "/api/v1/execute", body: Service.json(body))
        #expect(answer.json["stdout"] as? String == "over loopback 100\n", "\(answer.text)")
        let artifacts = answer.json["artifacts"] as? [[String: Any]]
        #expect(artifacts?.map { $0["path"] as? String } == ["out.txt"])
        let usual = try service.execute("python", "import socket; socket.socket()")
        #expect(usual.json["verdict"] as? String == "nonzero_exit")
        let policy = try service.request("GET", "/api/v1/policies/python").json
        #expect(policy["network"] as? String == "none" && policy["network_ceiling"] as? String == "loopback")
        let over = try service.request(
            "POST", "/api/v1/execute", body: Service.json(["language": "python", "code": "", "limits": ["idle": "2h"]]))
        #expect(over.status == 400 || over.status == 422)
        #expect(over.text.contains("limits.idle") && over.text.contains("1m"), "\(over.text)")
    }

    @Test("artifacts have the type of their content, and nothing of them is shown in our name")
    func contentTypes() throws {
        let code = """
            printf '\\x89PNG\\r\\n\\x1a\\n\\0\\0\\0\\rIHDR' > picture
            printf '<svg xmlns="http://www.w3.org/2000/svg"/>' > drawing.svg
            printf '<script>1</script>' > page.png
            """
        let answer = try service.request(
            "POST", "/api/v1/execute",
            body: Service.json(["language": "bash", "code": code, "artifacts": ["p*", "drawing.*"]]))
        let artifacts = try #require(answer.json["artifacts"] as? [[String: Any]], "\(answer.text)")
        let types = artifacts.map { "\($0["path"] ?? "") \($0["content_type"] ?? "")" }.sorted()
        let bytes = "application/octet-stream"
        #expect(types == ["drawing.svg \(bytes)", "page.png \(bytes)", "picture image/png"])
        let id = try #require(answer.json["run_id"] as? String)
        for (name, type) in [("picture", "image/png"), ("drawing.svg", bytes), ("page.png", bytes)] {
            let headers = try service.request("GET", "/api/v1/runs/\(id)/artifacts/\(name)").headers
            #expect(headers["content-type"] == type)
            #expect(headers["x-content-type-options"] == "nosniff")
            #expect(headers["content-disposition"] == "attachment; filename=\"\(name)\"")
            #expect(headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'")
        }
    }

    @Test("bytes that are no text come as base64, and control bytes stay data")
    func bytes() throws {
        let answer = try service.execute("python", "import sys; sys.stdout.buffer.write(bytes(range(256)))")
        #expect(answer.json["stdout_encoding"] as? String == "base64")
        let data = Data(base64Encoded: answer.json["stdout"] as? String ?? "")
        #expect(data.map(Array.init) == (0...255).map { UInt8($0) })
        let forged = "{\"verdict\":\"ok\"}\u{0}\u{1b}]0;x\u{7}event: finished\n\n"
        let echoed = try service.execute("python", "import sys; sys.stdout.write(sys.stdin.read())", ["stdin": forged])
        #expect(echoed.json["stdout"] as? String == forged)
    }

    @Test("every wrong field is named at once")
    func mistakes() throws {
        let answer = try service.request(
            "POST", "/api/v1/execute", body: #"{"languag":"bash","code":1,"args":[1],"limits":{"cpu":true}}"#)
        #expect(answer.status == 400)
        #expect(answer.code == "INVALID_REQUEST")
        let details = (answer.json["error"] as? [String: Any])?["details"] as? [String: String] ?? [:]
        #expect(Set(details.keys) == ["language", "languag", "code", "args[0]", "limits.cpu"], "\(details)")
    }

    @Test(
        "bad input has its status and code",
        arguments: [
            ("{", 400, "INVALID_JSON"), ("[]", 400, "INVALID_JSON"),
            (#"{"language":"bash","language":"c"}"#, 400, "INVALID_JSON"),
            (#"{"language":"bash","code":"\ud800"}"#, 400, "INVALID_JSON"),
            (#"{"language":"cobol","code":"x"}"#, 400, "UNKNOWN_LANGUAGE"),
            (#"{"language":"bash","code":"x","policy":"nope"}"#, 400, "UNKNOWN_POLICY"),
            (#"{"language":"bash","code":"x","limits":{"memory":"1TiB"}}"#, 400, "INVALID_LIMIT"),
            (#"{"language":"bash","code":"x","files":[{"name":"../x","content":"x"}]}"#, 400, "INVALID_FILE_NAME"),
            (#"{"language":"bash","code":"x","tty":{"rows":0,"cols":1e999}}"#, 400, "INVALID_REQUEST"),
        ])
    func badInput(body: String, status: Int, code: String) throws {
        let answer = try service.request("POST", "/api/v1/execute", body: body)
        #expect(answer.status == status)
        #expect(answer.code == code)
    }

    @Test("a language that is not there is told with the one that was meant, and one not built with the command")
    func languages() throws {
        func message(_ answer: Answer) -> String {
            (answer.json["error"] as? [String: Any])?["message"] as? String ?? ""
        }
        let misspelt = try service.execute("pyhton", "print(1)")
        #expect(misspelt.status == 400)
        #expect(misspelt.code == "UNKNOWN_LANGUAGE")
        #expect(message(misspelt).contains("did you mean \"python\"?"), "\(message(misspelt))")
        let unbuilt = try service.execute("lua", "print(1)")
        #expect(unbuilt.status == 503)
        #expect(unbuilt.code == "IMAGE_NOT_BUILT")
        #expect(message(unbuilt).contains("nestbox image build lua"), "\(message(unbuilt))")
        // Who asks badly hears of that first.
        #expect(try service.execute("lua", "", ["main": "../x"]).code == "INVALID_REQUEST")
    }

    @Test("bytes that no JSON text may have are refused; a NUL that is escaped is part of the source")
    func bytesInTheBody() throws {
        for bytes: [UInt8] in [[0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]] {
            let body = Array(#"{"language":"bash","code":"echo "#.utf8) + bytes + Array(#""}"#.utf8)
            let answer = try service.request("POST", "/api/v1/execute", body: body)
            #expect(answer.status == 400, "\(bytes)")
            #expect(answer.code == "INVALID_JSON", "\(bytes)")
        }
        // What becomes of it is bash's affair, which takes a first line with one for a binary.
        let answer = try service.execute("bash", "echo a\necho b\u{0}c\n")
        #expect(answer.json["stdout"] as? String == "a\nbc\n", "\(answer.text)")
    }

    @Test("a hundred thousand brackets are refused like any other nonsense")
    func brackets() throws {
        let answer = try service.request("POST", "/api/v1/execute", body: String(repeating: "[", count: 100_000))
        #expect(answer.status == 400)
        #expect(answer.code == "INVALID_JSON")
    }

    @Test("a run goes on by itself, is listed, resumes its events without loss or repeat, and is cancelled")
    func lifeOfARun() throws {
        let submitted = try service.request(
            "POST", "/api/v1/runs", body: Service.json(["language": "bash", "code": "printf 'one\\ntwo\\n'; sleep 60"]))
        #expect(submitted.status == 202)
        let id = try #require(submitted.json["run_id"] as? String)
        #expect(submitted.headers["location"] == "/api/v1/runs/\(id)")
        func run() throws -> [String: Any] { try service.request("GET", "/api/v1/runs/\(id)").json }
        #expect(try service.eventually { try run()["state"] as? String == "running" })
        #expect(try service.eventually { (try run()["next_seq"] as? Int ?? 0) >= 3 })
        let listed = try service.request("GET", "/api/v1/runs?state=running&limit=100").json["runs"] as? [[String: Any]]
        #expect(listed?.contains { $0["run_id"] as? String == id } == true)

        let cancelled = try service.request("DELETE", "/api/v1/runs/\(id)")
        #expect(cancelled.status == 200)
        #expect(try service.eventually { try run()["state"] as? String == "finished" })
        let result = try run()["result"] as? [String: Any]
        #expect(result?["verdict"] as? String == "cancelled")
        #expect(result?["stdout"] as? String == "one\ntwo\n")

        func ids(_ headers: [String], _ query: String = "") throws -> [Int] {
            let text = try service.request("GET", "/api/v1/runs/\(id)/events\(query)", headers: headers).text
            return text.split(separator: "\n").filter { $0.hasPrefix("id: ") }.compactMap { Int($0.dropFirst(4)) }
        }
        let all = try ids([])
        #expect(all == Array(0..<all.count) && all.count >= 4)
        #expect(try ids(["Last-Event-ID: 1"]) == Array(all.dropFirst(2)))
        #expect(try ids([], "?from=3") == Array(all.dropFirst(3)))
        #expect(try service.request("DELETE", "/api/v1/runs/\(id)").status == 200)
        #expect(
            try service.request("POST", "/api/v1/runs/\(id)/stdin", body: "{\"data\":\"x\"}").code == "RUN_FINISHED")
    }

    @Test("input and signals reach a running program over REST")
    func inputAndSignals() throws {
        let code = "trap 'echo caught; exit 0' INT; read line; echo got $line; while :; do sleep 0.05; done"
        let submitted = try service.request(
            "POST", "/api/v1/runs", body: Service.json(["language": "bash", "code": code, "interactive": true]))
        let id = try #require(submitted.json["run_id"] as? String)
        #expect(try service.request("POST", "/api/v1/runs/\(id)/stdin", body: #"{"data":"hello\n"}"#).status == 204)
        let wire = try LoopbackConnection(port: service.port)
        wire.send("GET /api/v1/runs/\(id)/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        try #require(wire.read(through: "got hello") != nil)
        #expect(try service.request("POST", "/api/v1/runs/\(id)/signal", body: #"{"signal":"SIGINT"}"#).status == 204)
        #expect(
            try service.eventually {
                let result = try service.request("GET", "/api/v1/runs/\(id)").json["result"] as? [String: Any]
                return (result?["stdout"] as? String)?.hasSuffix("caught\n") == true
            })
    }

    @Test("server-sent events come while the program runs")
    func stream() throws {
        let wire = try LoopbackConnection(port: service.port)
        let body = Service.json(["language": "python", "code": "import time\nprint('a', flush=True)\ntime.sleep(5)"])
        wire.send(
            "POST /api/v1/execute/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let start = ContinuousClock.now
        let head = try #require(wire.read(through: "\"data\":\"a\\n\""))
        #expect(head.contains("text/event-stream"))
        #expect(ContinuousClock.now - start < .seconds(4), "the output came only with the end")
        wire.reset()
    }

    @Test("a submitter that goes away takes its run along, unless it said otherwise")
    func disconnects() throws {
        for (choice, verdict) in [("cancel", "cancelled"), ("detach", "ok")] {
            let marker = "marker-\(choice)"
            let wire = try LoopbackConnection(port: service.port)
            let body = Service.json([
                "language": "bash", "code": "echo \(marker); sleep 2; echo end", "on_disconnect": choice,
            ])
            wire.send(
                "POST /api/v1/execute/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            let text = try #require(wire.read(through: "\"data\":\"\(marker)"))
            let range = try #require(text.range(of: "\"run_id\":\""))
            let id = String(text[range.upperBound...].prefix(32))
            wire.reset()
            #expect(
                try service.eventually {
                    let result = try service.request("GET", "/api/v1/runs/\(id)").json["result"] as? [String: Any]
                    return result?["verdict"] as? String == verdict
                }, "on_disconnect \(choice)")
        }
    }

    @Test("more runs than sandboxes wait in line, a full line is refused, and who leaves makes room")
    func admission() throws {
        let body = Service.json(["language": "bash", "code": "sleep 30"])
        let answers = try (0..<5).map { _ in try service.request("POST", "/api/v1/runs", body: body) }
        defer {
            for answer in answers {
                if let id = answer.json["run_id"] as? String {
                    _ = try? service.request("DELETE", "/api/v1/runs/\(id)")
                }
            }
        }
        #expect(answers.map(\.status) == [202, 202, 202, 202, 503])
        #expect(answers[4].code == "QUEUE_FULL")
        #expect(answers[4].headers["retry-after"] != nil)
        #expect(answers.prefix(4).map { $0.json["position"] as? Int } == [nil, nil, 1, 2])
        let third = try #require(answers[2].json["run_id"] as? String)
        let fourth = try #require(answers[3].json["run_id"] as? String)
        _ = try service.request("DELETE", "/api/v1/runs/\(third)")
        #expect(try service.request("GET", "/api/v1/runs/\(third)").json["state"] as? String == "finished")
        // Places are told at a bounded pace.
        #expect(
            try service.eventually {
                try service.request("GET", "/api/v1/runs/\(fourth)").json["position"] as? Int == 1
            })
    }

    @Test(
        "the pages and lists are there",
        arguments: [
            ("/", "text/html"), ("/docs", "text/html"), ("/nestbox.js", "text/javascript"),
            ("/nestbox.mjs", "text/javascript"), ("/nestbox.d.ts", "text/plain"), ("/nestbox.d.mts", "text/plain"),
            ("/assets/samples/index.json", "application/json"), ("/assets/samples/c/hello.c", "text/plain"),
            ("/assets/playground.js", "text/javascript"),
            ("/api/v1/openapi.json", "application/json"), ("/api/v1/openapi.yaml", "application/yaml"),
            ("/api/v1/languages", "application/json"), ("/api/v1/policies", "application/json"),
            ("/api/v1/policies/python", "application/json"), ("/api/v1/status", "application/json"),
            ("/api/v1/health", "application/json"), ("/healthz", "text/plain"), ("/readyz", "text/plain"),
            ("/metrics", "text/plain"),
        ])
    func pages(path: String, type: String) throws {
        let answer = try service.request("GET", path)
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"]?.hasPrefix(type) == true)
        #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(try service.request("HEAD", path).status == 200)
        #expect(try service.request("PUT", path).status == 405)
    }

    @Test("texts are compressed for those who take that, and parts of the page are kept for ever")
    func compressed() throws {
        let plain = try service.request("GET", "/")
        #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
        let page = try service.request("GET", "/", headers: ["Accept-Encoding: gzip, br"])
        #expect(page.headers["content-encoding"] == "gzip" && page.body.starts(with: [0x1f, 0x8b]))
        #expect(page.body.count * 2 < plain.body.count && page.headers["etag"] != plain.headers["etag"])
        #expect(page.headers["cache-control"] == "no-cache")
        let path = try #require(plain.text.firstMatch(of: /"(\/assets\/~[0-9a-f]+\/playground\.js)"/)?.1)
        let part = try service.request("GET", String(path), headers: ["Accept-Encoding: gzip"])
        #expect(part.status == 200 && part.headers["content-encoding"] == "gzip")
        #expect(part.headers["cache-control"] == "public, max-age=31536000, immutable")
        let other = String(path.replacing(/~[0-9a-f]+/, with: "~0"))
        #expect(try service.request("GET", other).headers["cache-control"] == "no-cache")
        for answer in [plain, page] {
            let tag = try #require(answer.headers["etag"])
            for known in [tag, "\"x\", W/\(tag)", "*"] {
                let again = try service.request("GET", "/", headers: ["If-None-Match: \(known)"])
                #expect(again.status == 304 && again.body.isEmpty, "\(known)")
            }
        }
        let languages = try service.request("GET", "/api/v1/languages", headers: ["Accept-Encoding: gzip"])
        #expect(languages.headers["content-encoding"] == "gzip" && languages.body.starts(with: [0x1f, 0x8b]))
    }

    @Test("a preflight of an origin that is not listed is told the setting")
    func foreignPreflight() throws {
        let headers = ["Origin: https://other.example", "Access-Control-Request-Method: POST"]
        let answer = try service.request("OPTIONS", "/api/v1/execute", headers: headers)
        #expect(answer.status == 403 && answer.code == "ORIGIN_NOT_ALLOWED")
        #expect(answer.text.contains("cors_origins"))
        #expect(answer.headers["access-control-allow-origin"] == nil)
    }

    @Test("no code, input, output or key is in the log")
    func logs() throws {
        let secret = "s3cr3t-\(UInt32.random(in: 0 ... .max))"
        let answer = try service.execute("bash", "echo \(secret)-out; cat", ["stdin": secret + "-in"])
        let id = try #require(answer.json["run_id"] as? String)
        #expect(service.eventually { service.records.contains(id) })
        #expect(!service.records.contains(secret))
        for line in service.records.split(separator: "\n") where line.hasPrefix("{") {
            #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(line)")
        }
    }
}
