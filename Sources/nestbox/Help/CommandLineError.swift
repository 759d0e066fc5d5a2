internal import ConfigurationFiles
internal import SandboxSpec

/// Says what is wrong with a command line, and what was probably meant.
struct CommandLineError {
    let tree: CommandTree
    /// Without the name of the program.
    let arguments: [String]

    /// - Parameter message: of the argument parser, a line without "Error: ".
    func words(_ message: String) -> String {
        let (path, command, rest) = tree.follow(arguments)
        let name = path.joined(separator: " ")
        if let rest { return unknownCommand(rest, command, name) }
        guard let option = Self.quoted(message, after: "Unknown option '") else {
            // The parser's sentences begin in capitals and end in a full stop, ours do not.
            return Self.plain(message)
        }
        if path.count == 1, tree.allOptions.contains(option) {
            return "option '\(option)' stands before its command, allowed is after it: \(name) COMMAND \(option) …"
        }
        let near = near(option, command.longOptions).map { "; did you mean '\($0)'?" } ?? ""
        return "unknown option '\(option)'\(near) ('\(name) --help' lists the options)"
    }

    /// The parser takes whatever follows 'help', and shows the help of what it knows.
    ///
    /// - Returns: nil when all is well with `nestbox help COMMAND …`, or it is something else.
    static func ofHelp(_ arguments: [String]) -> String? {
        guard arguments.first == "help", let tree = try? CommandTree.load() else { return nil }
        let (path, command, rest) = tree.follow(arguments.dropFirst())
        guard let rest else { return nil }
        return CommandLineError(tree: tree, arguments: arguments)
            .unknownCommand(rest, command, path.joined(separator: " "))
    }

    private func unknownCommand(_ word: String, _ command: CommandTree, _ name: String) -> String {
        let names = (command.subcommands ?? []).filter(\.shouldDisplay).map(\.commandName)
        let shown = ConfigurationDiagnostic.quote(word).dropFirst().dropLast()
        let near =
            (names.first { $0.hasPrefix(word) && !word.isEmpty } ?? Suggestion.word(for: word, among: names))
            .map { "; did you mean '\($0)'?" } ?? ""
        let what = command.commandName == tree.commandName ? "command" : "command of '\(name)'"
        return "unknown \(what) '\(shown)'\(near) ('\(name) --help' lists the commands)"
    }

    /// What other tools call by this name, what it begins, or what is a letter or two away.
    private func near(_ option: String, _ options: [String]) -> String? {
        let word = option.drop { $0 == "-" }.split(separator: "=", omittingEmptySubsequences: false).first ?? ""
        if options.contains("--limit"), LimitName(rawValue: String(word)) != nil { return "--limit \(word)=VALUE" }
        if options.contains("--limit"), word == "timeout" { return "--limit wall=VALUE" }
        let typed = "--\(word)"
        if word.count > 1, let longer = options.filter({ $0.hasPrefix(typed) }).min(by: { $0.count < $1.count }) {
            return longer
        }
        return Suggestion.word(for: typed, among: options)
    }

    private static func quoted(_ text: String, after prefix: String) -> String? {
        guard text.hasPrefix(prefix) else { return nil }
        return text.dropFirst(prefix.count).split(separator: "'", omittingEmptySubsequences: false).first.map(
            String.init)
    }

    private static func plain(_ text: String) -> String {
        var text = text
        for sentence in ["Missing", "Unexpected", "The value"] where text.hasPrefix(sentence) {
            text = (text.first?.lowercased() ?? "") + text.dropFirst()
        }
        // Options are texts, but for those that are numbers.
        if text.hasPrefix("the value "), text.contains(" is invalid for ") { text += ", allowed a whole number" }
        return text
    }
}
