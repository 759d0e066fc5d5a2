/// Swift source with its comments and the contents of its string literals blanked out, line by line.
///
/// Code inside interpolations stays. Not a parser: regular expression literals and `#"…"#` with more than one `#` are
/// not recognised; the house uses neither.
struct SwiftCode {
    /// The code of each line, as long as the line was.
    let lines: [String]
    /// The comments of each line.
    let comments: [String]

    private enum Mode: Equatable {
        case code(parentheses: Int)
        case text(multiline: Bool, raw: Bool)
        case comment(depth: Int)
    }

    init(_ source: String) {
        var code: [String] = []
        var comments: [String] = []
        var modes = [Mode.code(parentheses: 0)]
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            var scanner = LineScanner(characters: Array(line), modes: modes)
            scanner.scan()
            modes = scanner.modes
            code.append(String(scanner.code))
            comments.append(String(scanner.comment))
        }
        lines = code
        self.comments = comments
    }

    private struct LineScanner {
        let characters: [Character]
        var modes: [Mode]
        var code: [Character] = []
        var comment: [Character] = []
        var index = 0

        init(characters: [Character], modes: [Mode]) {
            self.characters = characters
            self.modes = modes
        }

        private func at(_ text: String) -> Bool {
            characters[index...].starts(with: text)
        }

        private mutating func skip(_ count: Int) {
            let end = min(index + count, characters.count)
            code += Array(repeating: " ", count: end - index)
            index = end
        }

        mutating func scan() {
            while index < characters.count {
                switch modes.last ?? .code(parentheses: 0) {
                case .code(let parentheses): scanCode(parentheses)
                case .text(let multiline, let raw): scanText(multiline, raw)
                case .comment(let depth): scanComment(depth)
                }
            }
            // A literal of one line ends with it, whatever it looked like.
            while case .text(false, _)? = modes.last { modes.removeLast() }
        }

        private mutating func replace(_ mode: Mode) {
            modes[modes.count - 1] = mode
        }

        private mutating func scanCode(_ parentheses: Int) {
            if at("//") {
                comment += characters[index...]
                return skip(characters.count)
            }
            if at("/*") {
                modes.append(.comment(depth: 1))
                return skip(2)
            }
            for (opening, multiline, raw) in [
                ("#\"\"\"", true, true), ("#\"", false, true), ("\"\"\"", true, false), ("\"", false, false),
            ] where at(opening) {
                modes.append(.text(multiline: multiline, raw: raw))
                return skip(opening.count)
            }
            let character = characters[index]
            if character == "(" { replace(.code(parentheses: parentheses + 1)) }
            if character == ")" {
                if parentheses == 0 && modes.count > 1 {
                    modes.removeLast()  // the end of an interpolation
                } else {
                    replace(.code(parentheses: parentheses - 1))
                }
            }
            code.append(character)
            index += 1
        }

        private mutating func scanText(_ multiline: Bool, _ raw: Bool) {
            let closing = (multiline ? "\"\"\"" : "\"") + (raw ? "#" : "")
            let escape = raw ? "\\#" : "\\"
            if at(closing) {
                modes.removeLast()
                skip(closing.count)
            } else if at(escape + "(") {
                skip(escape.count + 1)
                modes.append(.code(parentheses: 0))
            } else {
                skip(at(escape) ? escape.count + 1 : 1)
            }
        }

        private mutating func scanComment(_ depth: Int) {
            if at("*/") {
                if depth == 1 { modes.removeLast() } else { replace(.comment(depth: depth - 1)) }
                skip(2)
            } else if at("/*") {
                replace(.comment(depth: depth + 1))
                skip(2)
            } else {
                comment.append(characters[index])
                skip(1)
            }
        }
    }
}
