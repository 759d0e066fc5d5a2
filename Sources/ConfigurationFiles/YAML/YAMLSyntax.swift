internal import Yams

/// Says in our words what the YAML parser stumbled over.
enum YAMLSyntax {
    static func diagnostic(for error: YamlError, text: String, file: String) -> ConfigurationDiagnostic {
        func at(_ mark: Mark) -> SourceLocation { SourceLocation(file: file, line: mark.line, column: mark.column) }
        let start = SourceLocation(file: file, line: 1)
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // An alias that is misspelt is reported where it starts by the context, else by the mark itself.
            let scansAlias = context?.text.contains("alias") == true
            if scansAlias || problem.contains("undefined alias") {
                return sharing(at: scansAlias ? context?.mark ?? mark : mark, text: text, file: file)
            }
            // libyaml's own bound, 1,000, which a document meets before ours is looked at.
            if problem.contains("nesting level") {
                return ConfigurationDiagnostic(
                    at: at(mark), key: "", found: "more than \(YAMLReader.maximumDepth) collections inside each other",
                    allowed: "at most \(YAMLReader.maximumDepth)")
            }
            if problem.contains("another document") {
                return ConfigurationDiagnostic(
                    at: at(mark), key: "", found: "a second document", allowed: "one document in a file")
            }
            return syntax(problem: problem, context: context, mark: mark, text: text, file: file)
        case .duplicatedKeysInMapping(let names, let context):
            guard names.first != "<uncovertable>" else {
                return ConfigurationDiagnostic(
                    at: at(context.mark), key: "", found: "a collection as a key", allowed: "a word as a key")
            }
            return duplicate(names.first ?? "", first: context.mark, text: text, file: file)
        case .reader(_, let offset, let value, _):
            let shown = value > 0 ? "the character U+\(String(value, radix: 16, uppercase: true))" : "bytes"
            let before = text.utf8.prefix(max(0, offset ?? 0))
            return ConfigurationDiagnostic(
                at: SourceLocation(file: file, line: before.count { $0 == 0x0A } + 1), key: "",
                found: "\(shown) that no text has", allowed: "printable UTF-8 text")
        default:
            return ConfigurationDiagnostic(
                at: start, key: "", found: "something that is not YAML", allowed: "a YAML document")
        }
    }

    private static func syntax(
        problem: String, context: YamlError.Context?, mark: Mark, text: String, file: String
    ) -> ConfigurationDiagnostic {
        let lines = lines(of: text)
        let line = mark.line >= 1 && mark.line <= lines.count ? String(lines[mark.line - 1]) : ""
        // Whatever the parser made of it: this is what people do.
        if let tab = line.unicodeScalars.prefix(while: { $0 == " " || $0 == "\t" }).firstIndex(of: "\t") {
            let column = line.unicodeScalars.distance(from: line.startIndex, to: tab) + 1
            return ConfigurationDiagnostic(
                at: SourceLocation(file: file, line: mark.line, column: column), key: "",
                found: "a tab in column \(column) that indents the line", allowed: "spaces: a tab cannot indent")
        }
        let words = YAMLWords.words(
            problem: problem, context: context?.text, character: character(at: mark, in: text))
        let place = words.isAtBeginning ? context?.mark ?? mark : mark
        return ConfigurationDiagnostic(
            at: SourceLocation(file: file, line: place.line, column: place.column), key: "",
            found: "\(words.found), in column \(place.column)", allowed: words.allowed)
    }

    /// An anchor, an alias or a tag; the character in the original text says which.
    private static func sharing(at mark: Mark, text: String, file: String) -> ConfigurationDiagnostic {
        let found: String
        switch character(at: mark, in: text) {
        case "&": found = "an anchor (&)"
        case "!": found = "a tag (!)"
        default: found = "an alias (*)"
        }
        return ConfigurationDiagnostic(
            at: SourceLocation(file: file, line: mark.line, column: mark.column), key: "", found: found,
            allowed: "plain values", hint: "quote text that starts with &, * or !")
    }

    /// Yams tells where a key stands first; an operator wants to be shown the second.
    private static func duplicate(_ key: String, first: Mark, text: String, file: String) -> ConfigurationDiagnostic {
        var place = SourceLocation(file: file, line: first.line, column: first.column)
        let lines = lines(of: text)
        for (index, line) in lines.enumerated().dropFirst(max(0, first.line)) {
            let rest = String(line.dropFirst(max(0, first.column - 1)))
            guard line.prefix(max(0, first.column - 1)).allSatisfy({ $0 == " " }),
                [key, "\"\(key)\"", "'\(key)'"].contains(where: { rest.hasPrefix($0 + ":") })
            else { continue }
            place = SourceLocation(file: file, line: index + 1, column: first.column)
            break
        }
        return ConfigurationDiagnostic(
            at: place, key: YAMLConverter.shown(key), found: "the key twice, first at line \(first.line)",
            allowed: "each key once")
    }

    /// As the parser counts them: it ends lines at more than a line feed.
    private static func lines(of text: String) -> [Substring.UnicodeScalarView] {
        var lines: [Substring.UnicodeScalarView] = []
        var rest = text[...].unicodeScalars
        while let end = rest.firstIndex(where: { "\n\r\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) }) {
            lines.append(rest[..<end])
            let isPair = rest[end] == "\r" && rest[rest.index(after: end)...].first == "\n"
            rest = rest[rest.index(end, offsetBy: isPair ? 2 : 1)...]
        }
        return lines + [rest]
    }

    private static func character(at mark: Mark, in text: String) -> Unicode.Scalar? {
        let lines = lines(of: text)
        guard mark.line >= 1, mark.line <= lines.count else { return nil }
        return lines[mark.line - 1].dropFirst(max(0, mark.column - 1)).first
    }
}
