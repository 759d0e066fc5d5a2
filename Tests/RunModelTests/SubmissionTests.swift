import EgressRules
import RunModel
import SandboxSpec
import StrictJSON
import Testing

@Suite struct SubmissionTests {
    private func parse(_ text: String) throws(APIError) -> Submission {
        try Submission.parse(Array(text.utf8), limits: JSONLimits(bytes: 16 << 20))
    }

    private func failure(_ text: String) -> APIError? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyFieldOfTheContract() throws {
        let submission = try parse(
            """
            {"language": "python", "code": "print(1)\\n", "files": [{"name": "a/b.bin", "content": "AP8=",
             "encoding": "base64"}, {"name": "c", "content": "é"}], "stdin": "aGk=", "stdin_encoding": "base64",
             "interactive": true, "args": ["-x", ""], "env": {"A": "1"}, "policy": "strict",
             "limits": {"cpu": "2s", "processes": 8, "cpus": 0.5}, "artifacts": ["*.txt"],
             "tty": {"rows": 40, "cols": 120}, "on_disconnect": "detach", "cache": "off", "buffering": "full",
             "check": "syntax", "main": "a/b.py", "compiler_options": ["-O3"], "network": "loopback"}
            """)
        var expected = Submission(RunRequest(language: "python", code: Array("print(1)\n".utf8)))
        expected.request.files = [
            .init(path: "a/b.bin", content: [0, 0xff]), .init(path: "c", content: Array("é".utf8)),
        ]
        expected.stdin = Array("hi".utf8)
        expected.interactive = true
        expected.request.arguments = ["-x", ""]
        expected.request.environment = ["A": "1"]
        expected.request.policy = "strict"
        expected.request.buffering = .full
        expected.request.check = .syntax
        expected.request.limits = ["cpu": "2s", "processes": "8", "cpus": "0.5"]
        expected.request.artifacts = ["*.txt"]
        expected.terminal = TerminalSize(rows: 40, columns: 120)
        expected.onDisconnect = .detach
        expected.cache = .off
        expected.request.network = NetworkRequest(.loopback)
        expected.request.main = "a/b.py"
        expected.request.compilerOptions = ["-O3"]
        #expect(submission == expected)
    }

    @Test(arguments: [#""Loopback""#, #""host""#, #""""#, "1", "true", #"["none"]"#])
    func noOtherNetworks(value: String) {
        let error = failure(#"{"language":"c","code":"x","network":\#(value)}"#)
        #expect(error?.code == .invalidRequest && error?.details.keys.sorted() == ["network"], "\(value)")
    }

    @Test("hosts outside are read, each by its form")
    func egress() throws {
        let body = #"{"language":"c","code":"x","network":{"egress":["a.example.org:443","*.b.example.org:80"]}}"#
        let network = try #require(try parse(body).request.network)
        #expect(network.access == .egress)
        #expect(network.hosts?.map(\.description) == ["a.example.org:443", "*.b.example.org:80"])
        #expect(
            try parse(#"{"language":"c","code":"x","network":"egress"}"#).request.network == NetworkRequest(.egress))
        for (value, field) in [
            ("{}", "network.egress"), (#"{"egress":[]}"#, "network.egress"), (#"{"egress":"a:1"}"#, "network.egress"),
            (#"{"egress":["a"]}"#, "network.egress[0]"), (#"{"egress":["a:1",2]}"#, "network.egress[1]"),
            (#"{"egress":["a:1"],"bytes":1}"#, "network.bytes"),
            (#"{"egress":[\#((0..<65).map { "\"a\($0):1\"" }.joined(separator: ","))]}"#, "network.egress"),
        ] {
            let error = failure(#"{"language":"c","code":"x","network":\#(value)}"#)
            #expect(error?.details.keys.sorted() == [field], "\(value)")
        }
    }

    @Test func whatIsAbsentHasItsDefault() throws {
        let submission = try parse(#"{"language":"c","code":"x"}"#)
        let expected = Submission(RunRequest(language: "c", code: [0x78]))
        #expect(submission == expected)
        #expect(submission.onDisconnect == .cancel)
        #expect(submission.cache == .on)
        #expect(submission.interactive == nil)
        #expect(submission.stdin == nil)
        // Null is absent.
        #expect(
            try parse(
                #"{"language":"c","code":"x","files":null,"stdin":null,"stdin_encoding":null,"interactive":null,"#
                    + #""args":null,"env":null,"policy":null,"limits":null,"artifacts":null,"tty":null,"#
                    + #""on_disconnect":null,"cache":null,"main":null,"compiler_options":null}"#
            )
                == expected)
    }

    @Test func aTerminalIsTrueOrASize() throws {
        func terminal(_ text: String) throws -> TerminalSize? {
            try parse(#"{"language":"c","code":"x","tty":\#(text)}"#).terminal
        }
        #expect(try terminal("true") == TerminalSize(rows: 24, columns: 80))
        #expect(try terminal("false") == nil)
        #expect(try terminal(#"{"rows":1,"cols":1000}"#) == TerminalSize(rows: 1, columns: 1000))
        for bad in ["1", "\"80x24\"", "[]", "{}", #"{"rows":24}"#, #"{"rows":24,"cols":80,"depth":8}"#] {
            #expect(throws: APIError.self) { try terminal(bad) }
        }
    }

    /// Each wrong field is named by its path, all of them in one answer.
    @Test(arguments: [
        (#"{}"#, ["code", "language"]), (#"{"language":null,"code":"x"}"#, ["language"]),
        (#"{"language":1,"code":"x"}"#, ["language"]), (#"{"language":"c"}"#, ["code"]),
        (#"{"language":"c","files":[]}"#, ["code"]), (#"{"language":"c","code":["x"]}"#, ["code"]),
        (#"{"language":"c","files":{}}"#, ["files"]), (#"{"language":"c","files":[1]}"#, ["files[0]"]),
        (#"{"language":"c","code":"x","files":[{"name":"a"},{"content":""}]}"#, ["files[0].content", "files[1].name"]),
        (#"{"language":"c","code":"x","files":[{"name":"a","content":"","encoding":"hex"}]}"#, ["files[0].encoding"]),
        (
            #"{"language":"c","code":"x","files":[{"name":"a","content":"?","encoding":"base64"}]}"#,
            ["files[0].content"]
        ),
        (#"{"language":"c","code":"x","files":[{"name":"a","content":"","mode":1}]}"#, ["files[0].mode"]),
        (
            #"{"language":"c","code":"x","stdin":1,"args":"a","env":[],"limits":1,"artifacts":{}}"#,
            ["args", "artifacts", "env", "limits", "stdin"]
        ),
        (
            #"{"language":"c","code":"x","args":["a",null],"env":{"A":1},"limits":{"cpu":null}}"#,
            ["args[1]", "env.A", "limits.cpu"]
        ),
        (
            #"{"language":"c","code":"x","interactive":"yes","on_disconnect":"ignore","tty":{"rows":0,"cols":1001}}"#,
            ["interactive", "on_disconnect", "tty.cols", "tty.rows"]
        ),
        (#"{"language":"c","code":"x","main":1,"compiler_options":"-O3"}"#, ["compiler_options", "main"]),
        (#"{"language":"c","code":"x","cache":"On"}"#, ["cache"]),
        (#"{"language":"c","code":"x","cache":true}"#, ["cache"]),
        (#"{"language":"c","code":"x","stdin":"a","stdin_encoding":"utf-8"}"#, ["stdin_encoding"]),
        (#"{"language":"c","code":"x","ref":"a","type":"execute"}"#, ["ref", "type"]),
    ])
    func wrongFieldsAreNamed(text: String, paths: [String]) {
        let error = failure(text)
        #expect(error?.code == .invalidRequest)
        #expect(error?.details.keys.sorted() == paths)
    }

    @Test func aFieldThatIsWrongIsNotCalledMissing() {
        #expect(failure(#"{"language":"c","code":1}"#)?.details["code"]?.contains("a number") == true)
        #expect(failure(#"{"language":"c","files":[{"name":"a"}]}"#)?.details.keys.sorted() == ["files[0].content"])
    }

    @Test func atMost256Files() {
        func files(_ count: Int) -> String {
            let list = (0..<count).map { "{\"name\":\"f\($0)\",\"content\":\"\"}" }.joined(separator: ",")
            return "{\"language\":\"c\",\"files\":[\(list)]}"
        }
        #expect(failure(files(256)) == nil)
        #expect(failure(files(257))?.details["files"] != nil)
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAA=AAAA", "A===", "====", "AA==\n", " AA==", "AA-_", "AA=", "é", "AAAA=", "AB==", "AAB=",
    ])
    func onlyStandardBase64IsBase64(text: String) {
        let escaped = text.replacing("\n", with: "\\n")
        #expect(
            failure(#"{"language":"c","code":"x","stdin":"\#(escaped)","stdin_encoding":"base64"}"#)?.details["stdin"]
                != nil)
    }

    private func files(_ submission: Submission, mainFile: String?) -> RequestFiles {
        RequestFiles(of: submission.request, mainFile: mainFile, places: submission.places)
    }

    @Test func theProgramIsTheCodeOrTheFileWithItsName() throws {
        let code = try parse(#"{"language":"c","code":"x","files":[{"name":"main.c","content":"y"}]}"#)
        let first = files(code, mainFile: "main.c")
        #expect(first.main == .init(path: "", content: [0x78]) && first.mainField == "code")
        #expect(first.others == [.init(path: "main.c", content: [0x79])])

        let listed = try parse(
            #"{"language":"c","files":[{"name":"a.h","content":"a"},{"name":"main.c","content":"y"},"#
                + #"{"name":"b.h","content":""}]}"#
        )
        let second = files(listed, mainFile: "main.c")
        #expect(second.main == .init(path: "", content: [0x79]))
        #expect(second.others.map(\.path) == ["a.h", "b.h"])

        #expect(second.mainField == "files[1].content")
        #expect([0, 1].map(second.nameField) == ["files[0].name", "files[2].name"], "by the client's own count")
        #expect(files(listed, mainFile: "main.py").main == nil)
        #expect(files(listed, mainFile: nil).main == nil)
    }

    @Test func theRequestCarriesTheRest() throws {
        let request = try parse(
            #"{"language":"c","code":"x","args":["a"],"env":{"A":"1"},"policy":"p","limits":{"cpu":"1s"},"#
                + #""artifacts":["*"]}"#
        ).request
        #expect(
            request
                == RunRequest(
                    language: "c", policy: "p", code: [0x78], arguments: ["a"], environment: ["A": "1"],
                    limits: ["cpu": "1s"], artifacts: ["*"]))
    }

    /// A file that cannot be read does not change the names of the others.
    @Test func placesAreTheClients() throws {
        let text = #"{"language":"c","code":"x","files":[1,{"name":"a"},{"name":"../b","content":""}]}"#
        let submission = try Submission.read(Array(text.utf8), limits: JSONLimits(bytes: 4096))
        #expect(submission.errors.list.map(\.path) == ["files[0]", "files[1].content"])
        #expect(files(submission, mainFile: "main.c").nameField(0) == "files[2].name")
    }

    /// The reader knows every key of the list that the client writes by.
    @Test func everyKeyIsRead() throws {
        for key in SubmissionKey.allCases where ![.language, .code].contains(key) {
            let error = failure(#"{"language":"c","code":"x","\#(key.rawValue)":-7}"#)
            #expect(error?.details["\(key.rawValue)"]?.contains("unknown") == false, "\(key.rawValue)")
        }
        for key in SubmissionKey.File.allCases {
            let error = failure(#"{"language":"c","code":"x","files":[{"\#(key.rawValue)":7}]}"#)
            #expect(error?.details["files[0].\(key.rawValue)"]?.contains("unknown") == false, "\(key.rawValue)")
        }
    }

    @Test func binaryFilesSurviveTheTrip() throws {
        let submission = try parse(
            #"{"language":"c","code":"x","files":[{"name":"data.bin","content":"AP/D","encoding":"base64","#
                + #""executable":true}]}"#)
        #expect(submission.request.files == [.init(path: "data.bin", content: [0, 0xff, 0xc3], executable: true)])
    }

    /// What is quoted of a request in an error is short, whatever its characters are.
    @Test func quotesAreShort() {
        let marks = "e" + String(repeating: "\\u0301", count: 100_000)
        for field in ["on_disconnect", "cache", "stdin_encoding", "language"] {
            var members = ["language": "\"c\"", "code": "\"x\""]
            members[field] = "\"\(marks)\""
            let error = failure("{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}")
            #expect((error?.message.utf8.count ?? .max) < 1000)
            #expect((error?.details[field]?.utf8.count ?? .max) < 1000)
        }
    }
}
