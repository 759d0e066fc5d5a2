import Policies
import Testing

@testable import Images

@Suite struct ImageAidsTests {
    private func diagnostics(_ extra: String, run: String = "[sh, main]") throws -> String {
        do {
            _ = try Fixtures.image(Fixtures.yaml(extra: extra, run: run))
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func liveOutputSyntaxAndHintsAreRead() throws {
        let image = try Fixtures.image(
            Fixtures.yaml(
                extra: """
                    live: {env: {A: "1"}, full: {B: "2"}, run: [-l]}
                    syntax: {run: [sh, -n, "{main}"], stderr: ["syntax error"]}
                    hints:
                      - {kind: language, language: bash, stderr: ["not found"], text: bash has it}
                      - {kind: other, stderr: [a, b], text: c}
                    """, run: "[sh, \"{live}\", main]"))
        #expect(image.live == LiveOutput(environment: ["A=1"], fullEnvironment: ["B=2"]))
        #expect(image.run.live == ["-l"])
        #expect(image.syntax == SyntaxCheck(run: ["sh", "-n", "{main}"], signs: ["syntax error"]))
        #expect(
            image.hints == [
                HintRule(kind: "language", signs: ["not found"], text: "bash has it", language: "bash"),
                HintRule(kind: "other", signs: ["a", "b"], text: "c"),
            ])
    }

    @Test(arguments: [
        ("live: {run: [-l]}", "[sh, main]", "{live}"),
        ("live: {env: {A: x}}", "[sh, \"{live}\"]", "live.run"),
        ("live: {env: {1A: x}}", "[sh, main]", "live.env.1A"),
        ("live: {often: yes}", "[sh, main]", "live.often"),
        ("syntax: {run: [sh]}", "[sh, main]", "syntax.stderr"),
        ("syntax: {run: [sh], stderr: []}", "[sh, main]", "empty list"),
        ("hints: [{kind: Two Words, stderr: [a], text: b}]", "[sh, main]", "hints[0].kind"),
        ("hints: [{kind: a, stderr: [b]}]", "[sh, main]", "hints[0].text"),
    ])
    func diagnosticsAreTold(extra: String, run: String, words: String) throws {
        let found = try diagnostics(extra, run: run)
        #expect(found.contains(words), "\(found)")
    }

    @Test func theSharedRootsAreEqualAndEveryImageReads() throws {
        let library = try ImageLibrary(directory: Self.images)
        let roots = try ["bash", "c", "node", "python"].map { try library.image(named: $0).root }
        #expect(Set(try roots.map { try ImageStore(state: "/a").digest(of: $0) }).count == 1)
        // Interpreted languages of the core can be looked at without being run.
        for name in ["bash", "lua", "node", "perl", "php", "python", "r", "ruby"] {
            #expect(try library.image(named: name).syntax != nil, "\(name)")
        }
    }

    private static let images = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/images"
}
