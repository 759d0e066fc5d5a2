internal import Yams

/// Says in our words what the YAML parser stumbled over.
enum YAMLSyntax {
    static func mistake(for error: YamlError, text: String, file: String) -> ConfigurationMistake {
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
                return ConfigurationMistake(
                    at: at(mark), key: "", found: "more than \(YAMLReader.maximumDepth) collections inside each other",
                    allowed: "at most \(YAMLReader.maximumDepth)")
            }
            if problem.contains("another document") {
                return ConfigurationMistake(
                    at: at(mark), key: "", found: "a second document", allowed: "one document in a file")
            }
            let whole = [problem, context?.text].compactMap(\.self).joined(separator: " ")
            return ConfigurationMistake(
                at: at(mark), key: "", found: "something that is not YAML: \(whole)", allowed: "a YAML document")
        case .duplicatedKeysInMapping(let names, let context):
            guard names.first != "<uncovertable>" else {
                return ConfigurationMistake(
                    at: at(context.mark), key: "", found: "a collection as a key", allowed: "a word as a key")
            }
            return duplicate(names.first ?? "", first: context.mark, text: text, file: file)
        case .reader(let problem, _, let value, _):
            return ConfigurationMistake(
                at: start, key: "", found: "\(problem) (\(value))", allowed: "printable UTF-8 text")
        default:
            return ConfigurationMistake(
                at: start, key: "", found: "something that is not YAML", allowed: "a YAML document")
        }
    }

    /// An anchor, an alias or a tag; which of them is told by the character in the original text.
    private static func sharing(at mark: Mark, text: String, file: String) -> ConfigurationMistake {
        let found: String
        switch character(at: mark, in: text) {
        case "&": found = "an anchor (&)"
        case "!": found = "a tag (!)"
        default: found = "an alias (*)"
        }
        return ConfigurationMistake(
            at: SourceLocation(file: file, line: mark.line, column: mark.column), key: "", found: found,
            allowed: "plain values", hint: "quote text that starts with &, * or !")
    }

    /// Yams tells where a key stands first; an operator wants to be shown the second.
    private static func duplicate(_ key: String, first: Mark, text: String, file: String) -> ConfigurationMistake {
        var place = SourceLocation(file: file, line: first.line, column: first.column)
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated().dropFirst(max(0, first.line)) {
            let rest = String(line.dropFirst(max(0, first.column - 1)))
            guard line.prefix(max(0, first.column - 1)).allSatisfy({ $0 == " " }),
                [key, "\"\(key)\"", "'\(key)'"].contains(where: { rest.hasPrefix($0 + ":") })
            else { continue }
            place = SourceLocation(file: file, line: index + 1, column: first.column)
            break
        }
        return ConfigurationMistake(
            at: place, key: YAMLConverter.shown(key), found: "the key twice, first at line \(first.line)",
            allowed: "each key once")
    }

    private static func character(at mark: Mark, in text: String) -> Unicode.Scalar? {
        // By scalar: as characters, a carriage return and a line feed are one, and would not end a line.
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard mark.line >= 1, mark.line <= lines.count else { return nil }
        return lines[mark.line - 1].dropFirst(max(0, mark.column - 1)).first
    }
}
