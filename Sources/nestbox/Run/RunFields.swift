internal import RunModel

/// What the fields of a request are called on the command line, so that an error is reported in the words that the user typed.
enum RunFields {
    private static let options = [
        "language": "--language", "policy": "--policy", "main": "--main", "compiler_options": "--compiler-option",
        "limits": "--limit", "env": "--env", "artifacts": "--artifacts", "code": "the source", "args": "arguments",
    ]

    /// `limits.cpu` as `--limit cpu`, `args[2]` as `argument 3`; what has no other name keeps its own.
    static func name(_ path: String) -> String {
        if let option = options[path] { return option }
        if let index = index(of: "args", path) { return "argument \(index + 1)" }
        for (list, option) in [
            ("files", "--file"), ("artifacts", "--artifacts"), ("compiler_options", "--compiler-option"),
        ] {
            if let index = index(of: list, path) { return "\(option) (number \(index + 1))" }
        }
        for (table, option) in [("limits", "--limit"), ("env", "--env")] where path.hasPrefix(table + ".") {
            return option + " " + path.dropFirst(table.count + 1)
        }
        return path
    }

    /// The number in `args[3]`, whatever follows it.
    private static func index(of list: String, _ path: String) -> Int? {
        guard path.hasPrefix(list + "[") else { return nil }
        return Int(path.dropFirst(list.count + 1).prefix { $0 != "]" })
    }

    /// The same error in the words of the command line.
    static func translated(_ error: APIError) -> APIError {
        var translated = error
        translated.details = [:]
        for (path, reason) in error.details { translated.details[name(path)] = reason }
        let first = error.details.keys.filter { error.message.hasPrefix($0) }.max { $0.count < $1.count }
        if let first { translated.message = name(first) + error.message.dropFirst(first.count) }
        return translated
    }
}
