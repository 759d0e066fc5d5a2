import Foundation
import TestSupport
import Testing

@Suite("Examples", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct ExampleTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--example-rate-per-minute", "500", "--rate-burst", "5000"])
    }

    private func ids(_ query: String) throws -> [String] {
        let answer = try service.request("GET", "/api/v1/examples?limit=200" + query)
        return (answer.json["examples"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
    }

    private func execute(_ id: String, _ body: String) throws -> Answer {
        try service.request("POST", "/api/v1/examples/\(id)/execute", body: body)
    }

    @Test("language, category, difficulty and words choose; pages follow each other")
    func list() throws {
        let python = try ids("&language=python")
        #expect(python.contains("01_hello_world") && !python.contains("go-hello"))
        #expect(
            Set(try ids("&language=python&difficulty=beginner&category=basics")) == [
                "01_hello_world", "python-fizzbuzz",
            ])
        #expect(try ids("&q=dijkstra") == ["python-dijkstra"])
        #expect(try ids("&q=nothing+like+this").isEmpty)

        var all: [String] = []
        var after: String?
        repeat {
            let answer = try service.request(
                "GET", "/api/v1/examples?limit=50" + (after.map { "&after=\($0)" } ?? ""))
            #expect(answer.status == 200 && answer.headers["etag"] != nil)
            all += (answer.json["examples"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
            after = answer.json["next"] as? String
        } while after != nil && all.count < 1000
        #expect(all == (try ids("")) && Set(all).count == all.count)
        // Languages of this service alone can be used.
        let lua =
            try service.request("GET", "/api/v1/examples?language=lua&limit=1").json["examples"] as? [[String: Any]]
        #expect(lua?.first?["available"] as? Bool == false && lua?.first?["reason"] is String)
    }

    @Test(
        "a query that cannot be is refused with what is allowed",
        arguments: ["category=cooking", "difficulty=hard", "limit=0", "limit=201", "after=nobody", "sort=title"])
    func query(text: String) throws {
        let answer = try service.request("GET", "/api/v1/examples?\(text)")
        #expect(answer.status == 400 && answer.code == "INVALID_REQUEST", "\(answer.text)")
        let name = text.split(separator: "=")[0]
        #expect(((answer.json["error"] as? [String: Any])?["details"] as? [String: Any])?["query.\(name)"] != nil)
    }

    @Test("hints of an exercise come one by one, and the solution when it is asked for")
    func exercise() throws {
        let plain = try service.request("GET", "/api/v1/examples/python-fizzbuzz").json
        #expect(plain["kind"] as? String == "exercise" && (plain["hints"] as? [String])?.isEmpty == true)
        #expect(plain["hint_count"] as? Int == 3 && plain["solution"] == nil)
        let helped = try service.request("GET", "/api/v1/examples/python-fizzbuzz?hints=2&solution=true").json
        #expect((helped["hints"] as? [String])?.count == 2)
        let solution = try #require(helped["solution"] as? String)
        let stub = try #require((plain["files"] as? [[String: Any]])?.first?["content"] as? String)

        let wrong = try execute("python-fizzbuzz", #"{"check": true}"#)
        #expect(wrong.status == 200 && wrong.json["passed"] as? Bool == false, "\(wrong.text)")
        #expect(wrong.json["count"] as? Int == 3)
        let right = try execute("python-fizzbuzz", Service.json(["check": true, "code": solution]))
        #expect(right.json["passed"] as? Bool == true, "\(right.text)")
        let broken = try execute("python-fizzbuzz", Service.json(["check": true, "code": stub + "\n)"]))
        let first = (broken.json["checks"] as? [[String: Any]])?.first
        #expect(first?["passed"] as? Bool == false && (first?["messages"] as? String)?.contains("SyntaxError") == true)
        #expect(try service.request("GET", "/api/v1/examples/nobody").code == "NOT_FOUND")
    }

    @Test("inputs are handed over as data, whatever is in them")
    func inputs() throws {
        let hostile = "$(touch /tmp/x); `id` ' \" \\ && exit 3"
        let answer = try execute(
            "bash-script-arguments", Service.json(["inputs": ["greeting": hostile, "name": "--help"]]))
        #expect(answer.json["success"] as? Bool == true, "\(answer.text)")
        #expect((answer.json["output"] as? String)?.hasSuffix("\(hostile), --help!\n") == true)
        let file = try execute(
            "python-notes-file", Service.json(["inputs": ["notes": "one\ntwo two"], "mode": "expert"]))
        #expect((file.json["output"] as? String)?.contains("2 lines, longest 7 characters") == true, "\(file.text)")
        for (body, field) in [
            (#"{"inputs": {"limit": 1}}"#, "inputs.limit"), (#"{"inputs": {"limit": "ten"}}"#, "inputs.limit"),
            (#"{"inputs": {"top": 5}}"#, "inputs.top"), (#"{"input": {}}"#, "input"), (#"{"mode": 1}"#, "mode"),
            (#"{"check": true, "inputs": {"limit": 9}}"#, "inputs"),
        ] {
            let answer = try execute("python-primes", body)
            let details = (answer.json["error"] as? [String: Any])?["details"] as? [String: Any]
            #expect(answer.status == 400 && details?[field] != nil, "\(body): \(answer.text)")
        }
    }

    @Test("changed examples are taken over while the service runs; a broken one changes nothing and is reported")
    func reload() throws {
        let files = try ExampleFiles()
        try files.write("python/a", title: "Before", code: "print('a')\n", stdout: "a\\n")
        let service = try Service(["--examples", files.path])
        func titles() throws -> [String] {
            let all = try service.request("GET", "/api/v1/examples").json["examples"] as? [[String: Any]] ?? []
            return all.compactMap { $0["title"] as? String }
        }
        #expect(try titles() == ["Before"])
        try files.write("python/b", title: "New", code: "print('b')\n", stdout: "b\\n")
        #expect(try service.eventually { try titles() == ["Before", "New"] })

        try Data("version: 1\ntitel: x\n".utf8).write(to: URL(fileURLWithPath: files.path + "/python/a/example.yaml"))
        #expect(try service.eventually { try service.request("GET", "/readyz").text.contains("examples") })
        #expect(try titles() == ["Before", "New"])
        #expect(
            service.records.replacing("\\/", with: "/").contains("python/a/example.yaml:2: titel: found an unknown key")
        )
        try files.write("python/a", title: "After", code: "print('a')\n", stdout: "a\\n")
        #expect(try service.eventually { try titles() == ["After", "New"] })
    }
}
