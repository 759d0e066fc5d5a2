internal import ArgumentParser
internal import Foundation

/// All commands and their options, as ArgumentParser describes them to tools: what errors, man pages and completions are made of.
struct CommandTree: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            /// As it is typed.
            var text: String { (kind == "short" ? "-" : "--") + name }
        }

        let kind: String
        let shouldDisplay: Bool
        let sectionTitle: String?
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let discussion: String?
        let defaultValue: String?
    }

    let commandName: String
    let shouldDisplay: Bool
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandTree]?
    let arguments: [Argument]?

    private struct Tool: Decodable {
        let command: CommandTree
    }

    static func load() throws -> CommandTree {
        try JSONDecoder().decode(Tool.self, from: Data(NestboxCommand._dumpHelp().utf8)).command
    }

    /// Those that people see; the parser's own 'help' is not among them.
    var shown: [CommandTree] { (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" } }

    /// Its options and flags as they are typed, long ones only.
    var longOptions: [String] {
        (arguments ?? []).filter { $0.kind != "positional" && $0.shouldDisplay }
            .flatMap { ($0.names ?? []).filter { $0.kind == "long" }.map(\.text) }
    }

    /// Those of all commands below it.
    var allOptions: Set<String> {
        (subcommands ?? []).reduce(into: Set(longOptions)) { $0.formUnion($1.allOptions) }
    }

    /// Follows the words of a command line to the command they name.
    ///
    /// - Returns: the names on the way, the command, and the first word that is none of its commands.
    func follow(_ words: some Sequence<String>) -> (path: [String], command: CommandTree, rest: String?) {
        var path = [commandName]
        var command = self
        for word in words {
            if word.hasPrefix("-") || (command.subcommands ?? []).isEmpty { return (path, command, nil) }
            guard let next = command.subcommands?.first(where: { $0.commandName == word }) else {
                return (path, command, word)
            }
            path.append(word)
            command = next
        }
        return (path, command, nil)
    }
}
