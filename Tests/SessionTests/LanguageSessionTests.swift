import RunModel
import SandboxSpec
import SessionExecution
import SessionModel
import SessionService
import TestSupport
import Testing

/// What every driver does, in real sandboxes of those languages whose roots are built.
@Suite(.serialized)
struct LanguageSessionTests {
    struct Language: Sendable, CustomTestStringConvertible {
        let name: String
        /// Prints hi and a newline.
        let hello: String
        /// Sets a variable, and what has its value then.
        let state: (set: String, get: String)
        let repr: String?
        /// Fails.
        let error: String?
        /// Never ends.
        let loop: String

        var testDescription: String { name }
    }

    static let languages = [
        Language(
            name: "bash", hello: "echo hi", state: ("x=42", "echo \"v$x\""), repr: nil, error: nil,
            loop: "while :; do :; done"),
        Language(
            name: "ruby", hello: "puts 'hi'", state: ("x = 42", "x"), repr: "42", error: "raise 'no'", loop: "loop {}"),
        Language(
            name: "node", hello: "console.log('hi')", state: ("const x = 42", "x"), repr: "42",
            error: "throw new Error('no')", loop: "for (;;) {}"),
        Language(
            name: "typescript", hello: "console.log('hi')", state: ("const x: number = 42", "x"), repr: "42",
            error: "throw new Error('no')", loop: "for (;;) {}"),
        Language(
            name: "perl", hello: #"print "hi\n";"#, state: ("our $x = 42;", "$x"), repr: "42", error: #"die "no\n";"#,
            loop: "while (1) {}"),
        Language(
            name: "php", hello: #"echo "hi\n";"#, state: ("$x = 42;", "$x"), repr: "42",
            error: "throw new Exception('no');", loop: "while (true) {}"),
        Language(
            name: "lua", hello: "print('hi')", state: ("x = 42", "x"), repr: "42", error: "error('no')",
            loop: "while true do end"),
        Language(
            name: "r", hello: "cat('hi\\n')", state: ("x <- 42", "x"), repr: "[1] 42", error: "stop('no')",
            loop: "while (TRUE) {}"),
    ].filter { SessionHost.isBuilt($0.name) }

    @Test(.enabled(if: !languages.isEmpty, "needs root, and an image built"), arguments: languages)
    func aSessionOfTheLanguage(_ language: Language) async throws {
        for isPrepared in [false, true] {
            try await SessionHost.withSession(language.name, isPrepared: isPrepared) { session, _ in
                let hello = try await session.run(language.hello)
                #expect(hello.status == .ok && hello.text == "hi\n", "\(hello)")
                _ = try await session.run(language.state.set)
                func check() async throws {
                    let value = try await session.run(language.state.get)
                    #expect(value.status == .ok, "\(value)")
                    if let repr = language.repr { #expect(value.repr == repr) } else { #expect(value.text == "v42\n") }
                }
                try await check()
                if let code = language.error {
                    let failed = try await session.run(code)
                    #expect(failed.status == .error && failed.error?.message.contains("no") == true, "\(failed)")
                }
                let id = try await session.submit(CellRequest(code: language.loop))
                try await Task.sleep(for: .milliseconds(300))
                #expect(try await session.interrupt())
                let looped = await session.outcome(of: id)
                #expect(looped?.status == .interrupted, "\(String(describing: looped))")
                try await check()
                if session.summary.snapshot.features.contains("checkpoint") {
                    try await session.checkpoint(.make, "one")
                    try await session.checkpoint(.restore, "one")
                    try await check()
                }
                try await session.writeFile(try BoxPath("kept.txt"), [1], executable: false)
                try await session.restart()
                #expect(try await session.run(language.hello).text == "hi\n")
                #expect(try await session.readFile(try BoxPath("kept.txt")) == [1])
            }
        }
    }
}
