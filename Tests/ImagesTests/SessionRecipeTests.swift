import SandboxSpec
import TestSupport
import Testing

@testable import Images

/// The block `session` of an `image.yaml`, and the driver that it names.
@Suite struct SessionRecipeTests {
    private func image(_ session: String, driver: [UInt8]? = Array("print(1)\n".utf8)) throws -> Image {
        let directory = try TemporaryDirectory()
        try directory.write(Fixtures.yaml(extra: "session: \(session)"), to: "demo/image.yaml")
        if let driver { try directory.write(driver, to: "demo/session.py") }
        return try ImageLibrary(directory: directory.path).image(named: "demo")
    }

    private func diagnostics(_ session: String, driver: [UInt8]? = Array("print(1)\n".utf8)) -> String {
        do {
            _ = try image(session, driver: driver)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func everyKeyIsRead() throws {
        let image = try image(
            """

              driver: session.py
              files: [image.yaml]
              run: [python3, -u, session.py]
              warm: {mode: fork, language: python, preload: [json]}
              env: {A: "1", B: two}
            """)
        #expect(image.session?.files.map(\.path.description) == ["session.py", "image.yaml"])
        #expect(image.session?.files.first?.content == Array("print(1)\n".utf8))
        #expect(
            image.session
                == SessionRecipe(
                    script: "session.py", files: image.session?.files ?? [], run: ["python3", "-u", "session.py"],
                    environment: ["A=1", "B=two"],
                    warm: WarmRecipe(mode: .fork, language: .python, script: nil, preload: ["json"])))
    }

    @Test func mostKeysMayBeAbsent() throws {
        let session = try #require(try image("{driver: session.py, run: [sh, session.py]}").session)
        #expect(session.warm == .cold && session.environment.isEmpty)
        #expect(session.files.map(\.path.description) == ["session.py"])
        #expect(try Fixtures.image(Fixtures.yaml()).session == nil)
    }

    @Test func aDriverMayHaveExactlyItsMostBytes() throws {
        let most = SessionRecipe.maximumBytes
        let session = "{driver: session.py, run: [sh, session.py]}"
        #expect(
            try image(session, driver: [UInt8](repeating: 10, count: most)).session?.files.first?.content.count == most)
        let found = diagnostics(session, driver: [UInt8](repeating: 10, count: most + 1))
        #expect(found.contains("session.driver") && found.contains("more than \(most) bytes"), "\(found)")
        let together = diagnostics(
            "{driver: session.py, files: [image.yaml], run: [sh, session.py]}",
            driver: [UInt8](repeating: 10, count: most - 10))
        #expect(together.contains("session.files: found") && together.contains("bytes with the driver"), "\(together)")
        #expect(diagnostics(session, driver: []).contains("session.driver: found an empty file"))
        #expect(diagnostics(session, driver: nil).contains("session.driver: found \"session.py\""))
    }

    @Test(
        "every error names its key and what is allowed",
        arguments: [
            ("[a]", "session: found a list of 1, allowed a mapping"),
            ("{run: [sh, session.py]}", "session.driver: found nothing"),
            ("{driver: session.py}", "session.run: found nothing"),
            ("{driver: session.py, run: []}", "session.run: found no command"),
            ("{driver: session.py, run: [sh]}", "session.run: found a command without session.py"),
            ("{driver: session.py, run: [session.py]}", "session.run: found a command without session.py"),
            ("{driver: session.py, run: [sh, \"{main}\", session.py]}", "session.run: found {main}"),
            ("{driver: session.py, run: [sh, session.py, \"x{stem}\"]}", "session.run: found {stem}"),
            ("{driver: ../session.py, run: [sh, session.py]}", "session.driver: found \"../session.py\""),
            ("{driver: /etc/passwd, run: [sh, session.py]}", "session.driver: found \"/etc/passwd\""),
            ("{driver: .hidden, run: [sh, .hidden]}", "session.driver: found \".hidden\""),
            ("{driver: \"a b\", run: [sh, \"a b\"]}", "session.driver: found \"a b\""),
            ("{driver: ., run: [sh, .]}", "session.driver: found \".\""),
            ("{driver: image.yaml, run: [sh, image.yaml], warm: {mode: hot}}", "session.warm.mode: found \"hot\""),
            (
                "{driver: image.yaml, run: [sh, image.yaml], warm: {mode: fork}}",
                "session.warm.language: found nothing"
            ),
            (
                "{driver: image.yaml, run: [sh, image.yaml], warm: {mode: boot, script: x}}",
                "session.warm.script: found an unknown key"
            ),
            (
                "{driver: image.yaml, run: [sh, image.yaml], warm: {mode: fork, language: python, preload: [\"a;b\"]}}",
                "session.warm.preload[0]: found \"a;b\""
            ),
            ("{driver: image.yaml, run: [sh, image.yaml], env: {1A: x}}", "session.env.1A"),
            ("{driver: image.yaml, files: [../x], run: [sh, image.yaml]}", "session.files[0]: found \"../x\""),
            ("{driver: image.yaml, files: [nope], run: [sh, image.yaml]}", "session.files[0]: found \"nope\""),
            ("{driver: image.yaml, files: [image.yaml], run: [sh, image.yaml]}", "\"image.yaml\" twice"),
            ("{driver: image.yaml, files: [a, b, c, d, e, f, g, h, i], run: [sh, image.yaml]}", "at most 8"),
            ("{driver: image.yaml, run: [sh, image.yaml], drivr: x}", "did you mean \"driver\""),
        ])
    func errors(session: String, words: String) {
        let found = diagnostics(session)
        #expect(found.contains(words), "\(found)")
    }

    @Test("whatever stands in it, the reader says what is wrong or reads it", arguments: 0..<4)
    func fuzz(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let words = [
            "driver", "run", "warm", "env", "mode", "language", "preload", "session.py", "python", "fork", "boot",
            "none",
            "[", "]", "{", "}", ":", ",", " ", "\n  ", "'", "\"", "-", "~", "1", "null", "{main}", "\u{e4}", "a", "/",
            "..",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 1...24, using: &generator))
                .map { _ in words.randomElement(using: &generator) ?? "" }.joined()
            do {
                let session = try image(text).session
                #expect(session == nil || session?.script == "session.py" || session?.script == "image.yaml")
            } catch {
                #expect("\(error)".contains("image.yaml"), "\(error)")
            }
        }
    }
}
