import SandboxSpec
import Testing

@Suite("Paths below /box")
struct BoxPathTests {
    private func reason(_ text: String) -> String? {
        do throws(InvalidBoxPath) {
            _ = try BoxPath(text)
            return nil
        } catch {
            #expect(error.path == text)
            return error.reason
        }
    }

    private static func repeated(_ text: String, _ count: Int, separator: String = "") -> String {
        Array(repeating: text, count: count).joined(separator: separator)
    }

    @Test(
        "may be",
        arguments: [
            "a", "main.py", "src/main.c", "a b", " ", "...", "..a", "a..", ".hidden", "a/.b/c", "-rf", "~", "$(id)",
            "*",
            "\u{e9}t\u{e9}.txt", "\u{1f600}", "\\", "\"", "'", "a\u{202e}b", "\u{80}", "C:",
            repeated("a", 255), repeated("d", 16, separator: "/"), repeated("\u{e9}", 127),
            repeated(repeated("x", 255), 4, separator: "/"),
        ])
    func good(text: String) throws {
        let path = try BoxPath(text)
        #expect(path.description == text)
        #expect(Array(path.description.utf8) == Array(text.utf8), "not normalised either")
    }

    @Test(
        "may not be",
        arguments: [
            ("", "is empty"),
            ("/", "is absolute"), ("/etc/passwd", "is absolute"), ("//a", "is absolute"),
            ("a/", "has an empty component"), ("a//b", "has an empty component"),
            (".", "contains a . or .. component"), ("..", "contains a . or .. component"),
            ("../a", "contains a . or .. component"), ("a/..", "contains a . or .. component"),
            ("a/../b", "contains a . or .. component"), ("./a", "contains a . or .. component"),
            ("a/.", "contains a . or .. component"), ("a/./b", "contains a . or .. component"),
            ("a\0b", "contains a control character"), ("a\nb", "contains a control character"),
            ("\r", "contains a control character"), ("a\tb", "contains a control character"),
            ("\u{1b}[31m", "contains a control character"), ("a\u{7f}", "contains a control character"),
            ("\u{1f}", "contains a control character"), ("a/b\0", "contains a control character"),
            (repeated("a", 256), "has a component longer than 255 bytes"),
            ("a/" + repeated("\u{e9}", 128), "has a component longer than 255 bytes"),
            (repeated("d", 17, separator: "/"), "is more than 16 levels deep"),
            (repeated("a", 1025), "is longer than 1024 bytes"),
            (repeated(repeated("x", 255), 4, separator: "/") + "/y", "is longer than 1024 bytes"),
            (repeated("/", 1024), "is more than 16 levels deep"),
        ])
    func bad(text: String, wanted: String) {
        #expect(reason(text) == wanted)
    }

    @Test("are bounded to the byte")
    func bounds() {
        // 4 x 255 and three slashes are 1,023 bytes.
        let full = Self.repeated(Self.repeated("x", 255), 4, separator: "/")
        #expect(full.utf8.count == 1023 && reason(full) == nil)
        let names = ["a", "b"].map { $0 + "/" }.joined() + Self.repeated(Self.repeated("x", 254), 4, separator: "/")
        #expect(names.utf8.count == 1023 && reason(names) == nil && reason(names + "x") == nil)
        #expect(reason(names + "xx") == "is longer than 1024 bytes")
    }

    @Test("are shown without the characters that were refused")
    func shown() {
        do throws(InvalidBoxPath) {
            _ = try BoxPath("a\u{1b}[2J\n" + Self.repeated("b", 500))
            Issue.record("taken")
        } catch {
            let shown = error.description
            #expect(shown.hasPrefix("file name \"a\\u{1B}[2J\\nbbb"), "\(shown)")
            #expect(shown.hasSuffix("b\" contains a control character"))
            #expect(shown.utf8.allSatisfy { $0 >= 0x20 } && shown.utf8.count < 200)
        }
    }
}
