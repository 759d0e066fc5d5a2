import Foundation
import Synchronization
import TestSupport
import Testing

/// Requests as front ends of the plain dialect write them.
@Suite("Playground", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct PlaygroundTests {
    private let service: Service

    init() throws {
        service = try Service.shared(["--example-rate-per-minute", "500", "--rate-burst", "5000"])
    }

    private func execute(_ body: String, headers: [String] = []) throws -> Answer {
        try service.request("POST", "/api/playground/execute", body: body, headers: headers)
    }

    @Test("the list and one example come with a tag, and are not sent again to who has them")
    func cached() throws {
        for path in ["/api/playground/examples", "/api/playground/examples/01_hello_world"] {
            let answer = try service.request("GET", path)
            #expect(answer.status == 200)
            #expect(answer.headers["cache-control"] == "private, max-age=60")
            let tag = try #require(answer.headers["etag"])
            let again = try service.request("GET", path, headers: ["If-None-Match: \(tag)"])
            #expect(again.status == 304 && again.headers["etag"] == tag)
            let packed = try service.request("GET", path, headers: ["Accept-Encoding: gzip", "If-None-Match: \"x\""])
            // What is short is sent as it is.
            let isLong = path.hasSuffix("/examples")
            #expect(packed.status == 200 && packed.headers["content-encoding"] == (isLong ? "gzip" : nil))
            #expect((packed.headers["etag"] != tag) == isLong)
        }
        let all = try service.request("GET", "/api/playground/examples").json["examples"] as? [[String: Any]] ?? []
        #expect(all.count >= 120)
        let hello = try #require(all.first { $0["id"] as? String == "01_hello_world" })
        #expect(hello["difficulty"] as? String == "beginner" && hello["available"] as? Bool == true)
        #expect(hello["files"] == nil)
        let one = try service.request("GET", "/api/playground/examples/01_hello_world").json
        #expect((one["files"] as? [[String: Any]])?.first?["name"] as? String == "main.py")
        let none = try service.request("GET", "/api/playground/examples/no_such_example")
        #expect(none.status == 404 && none.json["error"] as? String == "Example not found")
    }

    @Test("an example is executed by its id alone, and with inputs and a mode")
    func hello() throws {
        for (body, name) in [
            (#"{"exampleId":"01_hello_world"}"#, "world"),
            (#"{"exampleId":"01_hello_world","inputs":{},"mode":"normie"}"#, "world"),
            (#"{"exampleId":"01_hello_world","inputs":{"name":"Ada"},"unknown":1}"#, "Ada"),
        ] {
            let answer = try execute(body)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["success"] as? Bool == true)
            #expect(
                answer.json["output"] as? String == "Name: \nHello, \(name)!\nYour name has \(name.count) letters.\n")
            #expect((answer.json["executionTimeMs"] as? Int) ?? -1 >= 0)
            let metadata = try #require(answer.json["metadata"] as? [String: Any])
            #expect(metadata.keys.sorted() == ["example_id", "mode"])
            #expect(metadata["example_id"] as? String == "01_hello_world" && metadata["mode"] as? String == "normie")
        }
    }

    @Test("each mode shows more than the one before")
    func modes() throws {
        var shown: Set<String> = []
        for (mode, key) in [
            ("normie", "mode"), ("explorer", "verdict"), ("developer", "commands"), ("expert", "events"),
        ] {
            let answer = try execute(#"{"exampleId":"01_hello_world","mode":"\#(mode)"}"#)
            let metadata = try #require(answer.json["metadata"] as? [String: Any], "\(answer.text)")
            #expect(metadata[key] != nil, "\(mode)")
            #expect(shown.isStrictSubset(of: Set(metadata.keys)), "\(mode)")
            shown = Set(metadata.keys)
        }
        #expect(shown.isSuperset(of: ["usage", "steps", "limits", "policy", "run_id", "network"]))
    }

    @Test("what is wrong with a request is said in words, and whether to try again")
    func refused() throws {
        for (body, status, message) in [
            ("{}", 400, "Example ID is required"),
            (#"{"exampleId":""}"#, 400, "Example ID is required"),
            (#"{"exampleId":"../../etc/passwd"}"#, 404, "Example file not found. Please try another example."),
            (#"{"exampleId":"01_hello_world","mode":"wizard"}"#, 400, "mode is \"wizard\", expected is one of"),
            (#"{"exampleId":"01_hello_world","inputs":[]}"#, 400, "inputs is a list, expected is an object"),
            (#"{"exampleId":"01_hello_world","inputs":{"nome":"x"}}"#, 400, "inputs.nome is unknown, expected is name"),
            (#"{"exampleId":"01_hello_world","inputs":{"name":"a\nb"}}"#, 400, "one line of at most"),
            ("{", 400, "the JSON is not valid"),
        ] {
            let answer = try execute(body)
            #expect(answer.status == status, "\(body): \(answer.text)")
            #expect((answer.json["error"] as? String)?.contains(message) == true, "\(body): \(answer.text)")
            #expect(answer.json["success"] as? Bool == false && answer.json["retryable"] as? Bool == false)
            #expect(answer.json["message"] as? String == answer.json["error"] as? String)
        }
        #expect(try service.request("GET", "/api/playground/execute").status == 405)
        #expect(try service.request("GET", "/api/playground/nothing").json["success"] as? Bool == false)
    }

    @Test("progress comes as events without names, from starting to completed")
    func events() throws {
        let answer = try execute(
            #"{"exampleId":"01_hello_world","inputs":{"name":"Ada"}}"#, headers: ["Accept: text/event-stream"])
        #expect(answer.status == 200 && answer.headers["content-type"] == "text/event-stream")
        #expect(answer.headers["cache-control"] == "no-cache")
        let messages = answer.text.split(separator: "\n\n").map(String.init)
        #expect(messages.allSatisfy { $0.hasPrefix("data: {") }, "\(answer.text)")
        let objects = messages.compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.dropFirst(6).utf8)) as? [String: Any]
        }
        let states = objects.compactMap { $0["status"] as? String }
        #expect(messages.first == #"data: {"status":"starting"}"#)
        #expect(states.contains("running") && states.contains("output") && states.last == "completed", "\(states)")
        let output = objects.compactMap { $0["data"] as? String }.joined()
        #expect(objects.last?["output"] as? String == output && output.contains("Hello, Ada!"))
        #expect(objects.last?["success"] as? Bool == true && objects.last?["executionTimeMs"] != nil)
    }

    @Test("a hundred requests, ten at a time, do not fail")
    func load() {
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 10) { _ in
            for _ in 0..<10 {
                let answer = try? execute(#"{"exampleId":"01_hello_world"}"#)
                if answer?.status != 200 { failures.withLock { $0.append(answer?.text ?? "no answer") } }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test("failures have their kind, and what the program said")
    func failures() throws {
        let files = try ExampleFiles()
        try files.write("python/raises", code: "import sys\nprint('so far')\nsys.exit('that was all')\n")
        try files.write("python/loops", code: "while True: pass\n")
        try files.write("python/floods", code: "while True: print('x' * 1000)\n")
        try files.write("python/eats", code: "x = [bytearray(10**7) for _ in range(1000)]\n")
        try files.write("python/agent", code: "import sys; sys.exit('no model')\n", more: "needs: a model")
        try files.write("cobol/unknown", code: "x", more: "id: unknown")
        let service = try Service(["--examples", files.path])
        func fault(_ id: String) throws -> Answer {
            try service.request("POST", "/api/playground/execute", body: #"{"exampleId":"\#(id)"}"#)
        }
        for (id, message, retryable) in [
            ("python-raises", "The program ended with an error.", false),
            ("python-loops", "Example took too long to execute. Try a simpler example.", true),
            ("python-floods", "Example wrote more output than it may.", false),
            ("python-eats", "Example used more memory than it may.", false),
            ("python-agent", "AI service is temporarily unavailable.", true),
        ] {
            let answer = try fault(id)
            #expect(
                answer.status == 500 && answer.json["success"] as? Bool == false, "\(id): \(answer.text.prefix(300))")
            #expect(answer.json["error"] as? String == message, "\(id): \(answer.text.prefix(300))")
            #expect(answer.json["retryable"] as? Bool == retryable)
        }
        let raises = try fault("python-raises").json
        #expect(raises["output"] as? String == "so far\n" && raises["details"] as? String == "that was all\n")
        let floods = try #require(try fault("python-floods").json["output"] as? String)
        // What a policy allows at most, of 5 MiB.
        #expect(floods.utf8.count > 4_000_000 && floods.utf8.count <= 5_242_880, "\(floods.utf8.count)")
        let unknown = try fault("unknown")
        #expect(unknown.json["error"] as? String == "The language of this example is not available.")
    }

    @Test("one address may run so many in a minute, and is told when to come again")
    func limits() throws {
        let service = try Service(["--example-rate-per-minute", "1"])
        func run() throws -> Answer {
            try service.request("POST", "/api/playground/execute", body: #"{"exampleId":"01_hello_world"}"#)
        }
        #expect(try run().status == 200)
        #expect(try run().status == 200)
        let refused = try run()
        #expect(refused.status == 429 && refused.json["retryable"] as? Bool == true)
        #expect(refused.json["error"] as? String == "Rate limit exceeded. Please try again later.")
        #expect(refused.headers["retry-after"] != nil)
        #expect(try service.request("GET", "/api/playground/examples").status == 200)
    }
}
