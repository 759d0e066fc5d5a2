internal import Yams

/// The messages of libyaml in plain words: what stands there, and what has to.
enum YAMLWords {
    /// What stands there, and what has to.
    struct Words {
        let found: String
        let allowed: String
        /// Whether the beginning of what went wrong tells more than the place where the parser noticed.
        var isAtBeginning = false
    }

    /// By a part of libyaml's own text; the first that fits counts. In the order of its scanner, then of its parser.
    private static let all: [(part: String, words: Words)] = [
        ("tab character", Words(found: "a tab that indents the line", allowed: "spaces: a tab cannot indent")),
        (
            "expected ':'",
            Words(
                found: "a line that is no key: value", allowed: "a colon and a blank behind the key",
                isAtBeginning: true)
        ),
        (
            "block sequence entries",
            Words(
                found: "a list item (-) behind something else",
                allowed: "each item on a line of its own, all of a list in one column")
        ),
        (
            "mapping keys are not allowed",
            Words(found: "a key (?) behind something else", allowed: "key: value on a line of its own")
        ),
        (
            "mapping values are not allowed",
            Words(
                found: "a colon where no value can begin",
                allowed: "one key: value in a line, keys of a mapping in one column, text with a colon in quotes")
        ),
        ("indentation indicator", Words(found: "the indentation 0 behind | or >", allowed: "1 to 9, or none")),
        (
            "unexpected document indicator",
            Words(found: "a quote that is never closed", allowed: "a quote at the end of the text", isAtBeginning: true)
        ),
        (
            "unexpected end of stream",
            Words(found: "a quote that is never closed", allowed: "a quote at the end of the text", isAtBeginning: true)
        ),
        (
            "escape character",
            Words(
                found: "an unknown escape (\\) in double quotes",
                allowed: "\\n, \\t, \\\", \\\\, \\x and two digits or \\u and four; or single quotes, which have none")
        ),
        (
            "hexdecimal",
            Words(
                found: "an escape without its digits",
                allowed: "\\x and two, \\u and four or \\U and eight digits 0-9a-f")
        ),
        ("escape code", Words(found: "an escape for no character", allowed: "the number of a Unicode character")),
        ("unexpected ':'", Words(found: "a colon inside [ ] or { }", allowed: "text with a colon in quotes")),
        (
            "<document start>",
            Words(found: "something behind the end of the settings", allowed: "key: value in the first column")
        ),
        ("node content", Words(found: "no value where one has to be", allowed: "a value; special text in quotes")),
        (
            "expected '-'",
            Words(
                found: "a line that is no item of the list around it", allowed: "- and the item, in the list's column")
        ),
        (
            "expected key",
            Words(
                found: "a line that is no key of the mapping around it", allowed: "key: value, in the mapping's column")
        ),
        ("',' or ']'", Words(found: "a list [ that goes on without a comma or an end", allowed: ", or ]")),
        ("',' or '}'", Words(found: "a mapping { that goes on without a comma or an end", allowed: ", or }")),
    ]

    /// - Parameters:
    ///   - character: at the place the parser names; nil at the end of the text.
    static func words(problem: String, context: String?, character: Unicode.Scalar?) -> Words {
        if problem.contains("cannot start any token") {
            // The parser ends lines at characters that we do not, and then names a place that is none.
            let shown =
                character.map { ConfigurationDiagnostic.quote(String($0)) } ?? "a character that stands for something"
            return Words(found: "\(shown) at the beginning of a value", allowed: "text that begins with it in quotes")
        }
        let text = "\(problem) \(context ?? "")"
        if text.contains("irective") || text.contains("YAML document") {
            return Words(found: "a directive (%)", allowed: "settings alone; text that begins with % in quotes")
        }
        if text.contains("block scalar"), problem.contains("line break") {
            return Words(found: "text behind | or >", allowed: "the text on the lines below")
        }
        if text.contains(" tag") {
            return Words(found: "a tag (!)", allowed: "plain values; text that begins with ! in quotes")
        }
        return all.first { text.contains($0.part) }?.words
            ?? Words(found: "something that is not YAML", allowed: "key: value, - item, or text in quotes")
    }
}
