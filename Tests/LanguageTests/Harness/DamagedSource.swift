/// What can be wrong with a source that was written well.
enum Damage: String, Sendable, CaseIterable {
    case bom, crlf, nul, latin1, blank, large, nested

    /// What becomes of a source.
    ///
    /// - Parameter code: more than one line.
    func source(of code: [UInt8], in syntax: Syntax) -> [UInt8] {
        let newline = UInt8(ascii: "\n")
        let comment = Array(syntax.comment.utf8)
        switch self {
        case .bom: return [0xef, 0xbb, 0xbf] + code
        case .crlf: return code.flatMap { $0 == newline ? [UInt8(ascii: "\r"), newline] : [$0] }
        case .nul:
            let second = (code.firstIndex(of: newline) ?? code.endIndex - 1) + 1
            return code[..<second] + [0, newline] + code[second...]
        case .latin1: return code + comment + Array(" caf".utf8) + [0xe9, newline]
        case .blank: return Array(" \n\t\n  \n".utf8)
        case .large:
            let line = comment + Array(" ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 100) + [newline]
            var source = code
            for _ in 0..<(10 << 20) / line.count { source += line }
            return source
        case .nested:
            func many(_ text: String) -> String { String(repeating: text, count: 10_000) }
            return Array((syntax.before + many("(") + "1" + many(")") + syntax.after).utf8)
        }
    }
}

/// How a language writes comments, and a program around an expression.
struct Syntax: Sendable {
    let comment: String
    let before: String
    let after: String

    /// Of each core language.
    static let all: [String: Syntax] = [
        "bash": Syntax(comment: "#", before: "echo $((", after: ")) >&2\n"),
        "c": Syntax(comment: "//", before: "int x = ", after: ";\nint main(void) { return 0; }\n"),
        "cpp": Syntax(comment: "//", before: "int x = ", after: ";\nint main() {}\n"),
        "go": Syntax(comment: "//", before: "package main\n\nvar x = ", after: "\n\nfunc main() {}\n"),
        "java": Syntax(
            comment: "//", before: "public class Main {\n    static int x = ",
            after: ";\n    public static void main(String[] arguments) {}\n}\n"),
        "node": Syntax(comment: "//", before: "const x = ", after: ";\n"),
        "perl": Syntax(comment: "#", before: "my $x = ", after: ";\n"),
        "php": Syntax(comment: "//", before: "<?php\n$x = ", after: ";\n"),
        "python": Syntax(comment: "#", before: "x = ", after: "\n"),
        "ruby": Syntax(comment: "#", before: "x = ", after: "\n"),
        "rust": Syntax(
            comment: "//", before: "const X: i32 = ", after: ";\n\nfn main() {\n    println!(\"{}\", X);\n}\n"),
        "typescript": Syntax(comment: "//", before: "const x = ", after: ";\nconsole.log(x);\n"),
    ]
}
