import CSandbox
import TestSupport
import Testing

@Suite("Artifact globs")
struct GlobTests {
    static let matching: [(String, String)] = [
        ("a", "a"), ("a/b", "a/b"), ("*", "a"), ("*", "a.b.c"), ("*.c", "x.c"), ("a*", "a"),
        ("a*b*c", "a-b-b-c"), ("?", "x"), ("a?c", "abc"), ("*/*", "a/b"), ("out/*.txt", "out/r.txt"),
        ("[abc]", "b"), ("[a-c]x", "bx"), ("[!a-c]", "d"), ("[]]", "]"), ("[!]]", "a"), ("[a-]", "-"), ("[-a]", "-"),
        ("[]-a]", "^"), ("[*]", "*"), ("[?]", "?"), ("[", "["), ("[a", "[a"), ("a[", "a["), ("[!", "[!"),
        ("**", "a"), ("**", "a/b/c"), ("**/a", "a"), ("**/a", "x/y/a"), ("a/**", "a/b"), ("a/**", "a/b/c"),
        ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"), ("**/a/**/b", "x/a/y/a/b"), ("**/*.txt", "d.txt"),
        ("**/x/*/**/y", "x/x/a/y"), ("a**", "abc"), ("**a", "cba"), ("***", "a"), ("a/**/**/b", "a/b"),
        ("**/**", "a"), ("*a*a*", "aa"), ("\u{e9}*", "\u{e9}t\u{e9}"), ("a b", "a b"), ("{a,b}", "{a,b}"),
        ("\\*", "\\x"), (".*", ".x"), (".c", ".c"), (".?", ".x"), ("**/.*", "a/.x"), ("**/.*", ".x"), (".*/**", ".x/y"),
        ("a/.x/*", "a/.x/y"), ("*", "a.b"), ("**/.x/**", "a/.x/b/c"), ("a/**/.x/b", "a/b/.x/b"),
    ]

    static let failing: [(String, String)] = [
        ("a", "b"), ("a", "ab"), ("ab", "a"), ("", "a"), ("a", ""), ("*", ""), ("?", ""), ("*", "a/b"), ("?", "/"),
        ("a?b", "a/b"), ("a*b", "a/b"), ("[/]", "/"), ("a[/]b", "a/b"), ("[!a]", "a"), ("[!a]", "/"), ("[a-c]", "d"),
        ("[]", "a"), ("[c-a]", "b"), ("[a", "a"), ("a/b", "a"), ("a", "a/b"), ("/a", "a"), ("a/", "a"), ("a//b", "a/b"),
        ("**", ""), ("**/a", "b"), ("**/a", "a/b"), ("a/**", "a"), ("a/**/b", "a/x"), ("a/**/b", "b"),
        ("**/a/b", "a/x/b"), ("a**", "a/b"), ("**a", "b/a"), ("***", "a/b"), ("**/", "a"), ("**/", "a/b"),
        ("a/**/", "a/b"), ("A", "a"), ("*/a/*", "a/a"), ("**/*/*", "a"), ("*a", "ab"),
        ("?\u{e9}", "\u{e9}\u{e9}\u{e9}"),
        // Hidden, as in shells.
        ("*", ".a"), ("*.c", ".c"), ("?a", ".a"), ("[.]a", ".a"), ("[!b]a", ".a"), ("**", ".a"), ("**", "a/.b"),
        ("**", ".a/b"), ("**/a", ".b/a"), ("a/**", "a/.b/c"), ("**/*", "a/.b"), ("*/b", ".a/b"), ("**/.x/**", ".x/.y"),
        ("a/**/b", "a/.x/b"), (".*", "a"), (".*/**", ".x/.y"),
    ]

    @Test("match", arguments: matching)
    func match(pattern: String, path: String) {
        #expect(nestbox_glob(pattern, path) == 1)
    }

    @Test("do not match", arguments: failing)
    func fail(pattern: String, path: String) {
        #expect(nestbox_glob(pattern, path) == 0)
    }

    @Test("agree with a matcher that tries everything")
    func reference() {
        var numbers = SeededGenerator(seed: 7)
        var matched = 0
        for _ in 0..<60_000 {
            let pattern = Self.path(
                from: ["a", "b", "*", "*", "?", "[ab]", "[!a]", "[a-b", "]", "**", "-", "."], &numbers)
            let path = Self.path(from: ["a", "b", "ab", "a", "[", "]", "-", "."], &numbers)
            let wanted = ReferenceGlob(pattern).matches(path)
            if (nestbox_glob(pattern, path) == 1) != wanted {
                Issue.record("\(pattern) on \(path): wanted \(wanted)")
                return
            }
            if wanted { matched += 1 }
        }
        // The comparison is worth something only if both answers are common.
        #expect((1200...58_800).contains(matched))
    }

    @Test("what stands behind the last star costs one look at the end")
    func steps() {
        func cost(_ pattern: String, _ path: String) -> UInt64 {
            var steps: UInt64 = 0
            _ = nestbox_glob_counted(pattern, path, &steps)
            return steps
        }
        let name = String(repeating: "a", count: 240)
        let path = Array(repeating: name, count: 4).joined(separator: "/")
        // Each of four components used to be looked at from each of its characters on.
        #expect(cost("**/*" + String(repeating: "a", count: 120) + "b", path) < 1000)
        #expect(cost("**/*.txt", path) < 100)
        // The middle of a pattern still costs, and says so.
        #expect(cost("**/*" + String(repeating: "a", count: 120) + "b*", path) > 10_000)
    }

    @Test("take no time that grows with the number of stars")
    func time() {
        let name = String(repeating: "a", count: 255)
        let path = Array(repeating: name, count: 4).joined(separator: "/")
        let stars = String(repeating: "*a", count: 120) + "b"
        let directories = String(repeating: "**/*/", count: 40) + "b"
        let clock = ContinuousClock()
        let taken = clock.measure {
            for _ in 0..<50 {
                #expect(nestbox_glob(stars, name) == 0)
                #expect(nestbox_glob(directories, path) == 0)
            }
        }
        // A matcher that backtracks to every star would not end today.
        #expect(taken < .seconds(20))
    }

    /// One to four components of one to three parts.
    private static func path(from parts: [String], _ numbers: inout SeededGenerator) -> String {
        (0...numbers.below(4)).map { _ in
            (0...numbers.below(3)).map { _ in parts[numbers.below(parts.count)] }.joined()
        }.joined(separator: "/")
    }
}
