import Foundation
import RunModel
import StrictJSON
import Testing

@testable import Examples

@Suite("Examples")
struct ExampleTests {
    private static let inputs = """
        inputs:
          name: {type: text, title: A name, default: Ada, maximum: 10}
          count: {type: integer, default: 3, minimum: 1, maximum: 9}
          ratio: {type: number, default: 0.5, through: argument}
          loud: {type: boolean, default: false, through: environment}
          colour: {type: choice, default: red, choices: [red, "$(id)"], through: environment, name: COLOUR}
          text: {type: text, default: "a\\nb", through: file, name: in/text.txt}
        check:
        """

    private func example() throws -> Example {
        try ExampleFixture().example(ExampleFixture.good.replacing("check:", with: Self.inputs))
    }

    private func values(_ json: String) throws -> [String: String] {
        let object = try ObjectReader.object(Array(json.utf8), limits: JSONLimits(bytes: 65_536))
        return try ExampleInputs.values(object, of: try example())
    }

    @Test("without inputs the defaults are handed over, each in its way")
    func defaults() throws {
        let example = try example()
        #expect(example.id == "python-good" && example.language == "python" && !example.isExercise)
        let submission = example.submission(values: try values("{}"))
        let request = submission.request
        #expect(submission.stdin == Array("Ada\n3\n".utf8))
        #expect(request.arguments == ["0.5"])
        #expect(request.environment == ["LOUD": "false", "COLOUR": "red"])
        #expect(request.files == [RunRequest.File(path: "in/text.txt", content: Array("a\nb".utf8))])
        #expect(request.code == Array("print('hello')\n".utf8) && request.main == "main.py")
    }

    @Test("values of a client become data, never source: they arrive as they are")
    func hostile() throws {
        let hostile = "\\\"); import os #"
        let values = try values(
            #"{"name": "'); x='", "count": "7", "ratio": -2, "loud": true, "colour": "$(id)", "text": "\#(hostile)"}"#)
        let submission = try example().submission(values: values)
        #expect(submission.stdin == Array("'); x='\n7\n".utf8))
        #expect(submission.request.arguments == ["-2"])
        #expect(submission.request.environment == ["LOUD": "true", "COLOUR": "$(id)"])
        #expect(submission.request.files[0].content == Array("\"); import os #".utf8))
        #expect(submission.request.code == Array("print('hello')\n".utf8))
    }

    @Test(
        "what an input may not be is refused with its name and what is allowed",
        arguments: [
            (#"{"name": "two\nlines"}"#, "inputs.name", "one line of at most 10 characters"),
            (#"{"name": "far too long a name"}"#, "inputs.name", "at most 10 characters"),
            (#"{"name": ["a"]}"#, "inputs.name", "is a list"),
            (#"{"count": 10}"#, "inputs.count", "a whole number, 1 to 9"),
            (#"{"count": 1.5}"#, "inputs.count", "a whole number"),
            (#"{"count": true}"#, "inputs.count", "is a boolean"),
            (#"{"count": "07"}"#, "inputs.count", "a whole number"),
            (#"{"ratio": "0x10"}"#, "inputs.ratio", "a number"),
            (#"{"ratio": 1e400}"#, "inputs.ratio", "a number"),
            (#"{"loud": "yes"}"#, "inputs.loud", "true or false"),
            (#"{"colour": "blue"}"#, "inputs.colour", "one of red"),
            (#"{"text": "\u0000"}"#, "inputs.text", "characters"),
            (#"{"other": 1}"#, "inputs.other", "is unknown, expected is name, count"),
        ])
    func refused(json: String, field: String, words: String) throws {
        let error = #expect(throws: APIError.self) { try values(json) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.details[field]?.contains(words) == true, "\(error?.details ?? [:])")
    }

    @Test("all wrong inputs are named together, however many there are")
    func many() throws {
        let members = (0..<1000).map { "\"x\($0)\": 1" }.joined(separator: ", ")
        let error = #expect(throws: APIError.self) { try values("{\(members)}") }
        #expect((error?.details.count ?? 0) <= 40 && error?.message.contains("(and 999 more)") == true)
    }

    @Test("an exercise shows its stub and runs its solution; a check has inputs of its own")
    func exercise() throws {
        let yaml = ExampleFixture.good.replacing(
            "check:\n",
            with:
                "solution: solution.py\ninputs: {n: {type: integer, default: 1}}\ncheck:\n  - {inputs: {n: 5}, stdout: x}\n"
        )
        let example = try ExampleFixture().example(yaml, files: ["main.py": "stub\n", "solution.py": "solved\n"])
        #expect(example.isExercise && example.main.text == "stub\n" && example.files.count == 1)
        #expect(example.checks.map(\.stdin) == ["5\n", "1\n"])
        let submission = example.submission(for: example.checks[0], code: example.solution)
        #expect(submission.request.code == Array("solved\n".utf8) && submission.stdin == Array("5\n".utf8))
    }

    @Test("language, category, difficulty and words choose, in any case")
    func queries() throws {
        let example = try example()
        for query in [
            ExampleQuery(), ExampleQuery(language: "python"), ExampleQuery(category: .basics),
            ExampleQuery(difficulty: .beginner), ExampleQuery(text: "GOOD example"), ExampleQuery(text: " "),
        ] { #expect(query.matches(example)) }
        for query in [
            ExampleQuery(language: "ruby"), ExampleQuery(category: .games), ExampleQuery(difficulty: .advanced),
            ExampleQuery(text: "good nothing"),
        ] { #expect(!query.matches(example)) }
    }
}
