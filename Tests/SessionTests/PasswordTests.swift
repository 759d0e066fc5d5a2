import RunModel
import SessionExecution
import SessionModel
import SessionService
import TestSupport
import Testing

/// What is asked for as a password says so, where the language has a function for that.
@Suite(.serialized) struct PasswordTests {
    static let languages = [
        ("python", "import getpass; getpass.getpass('PIN: '), input('Name: ')", "('1234', 'Ada')"),
        (
            "ruby", "require 'io/console'; print 'PIN: '; [$stdin.noecho(&:gets), gets].map(&:chomp)",
            #"["1234", "Ada"]"#
        ),
        ("bash", #"read -rs pin; read -r name; echo "$pin $name""#, "1234 Ada\n"),
    ].filter { SessionHost.isBuilt($0.0) }

    @Test(.enabled(if: !languages.isEmpty, "needs root, and an image built"), arguments: languages)
    func aPasswordIsAskedForAsOne(_ language: String, _ code: String, _ value: String) async throws {
        try await SessionHost.withSession(language) { session, _ in
            let id = try await session.submit(CellRequest(code: code))
            var asked: [Bool] = []
            for answer in ["1234", "Ada"] {
                #expect(await eventually { session.currentState == .waiting })
                let (token, isPassword) = try #require(
                    session.kinds.compactMap {
                        if case .inputRequest(_, let token, _, let isPassword) = $0 { (token, isPassword) } else { nil }
                    }.last)
                asked.append(isPassword)
                try await session.input(Array(answer.utf8), token: token)
                #expect(
                    await eventually {
                        session.currentState != .waiting
                            || session.kinds.filter { $0.name == "input_request" }.count == 2
                    })
            }
            #expect(asked == [true, false])
            let outcome = await session.outcome(of: id)
            #expect(outcome?.repr ?? outcome?.text == value, "\(String(describing: outcome))")
        }
    }
}
