internal import Foundation
internal import ServerSettings

/// A man page in mdoc(7), made of what the command says of itself.
struct ManualPage {
    let file: String
    let text: String

    /// nestbox(1), a page for each of its commands, and nestboxd(8).
    static func all() throws -> [ManualPage] {
        let tree = try CommandTree.load()
        var pages: [ManualPage] = []
        func add(_ command: CommandTree, _ path: [String]) {
            pages.append(ManualPage(command, path: path, tree: tree))
            for inner in command.shown { add(inner, path + [inner.commandName]) }
        }
        add(tree, [tree.commandName])
        return pages + [service]
    }

    private init(file: String, text: String) {
        self.file = file
        self.text = text
    }

    private init(_ command: CommandTree, path: [String], tree: CommandTree) {
        let name = path.joined(separator: "-")
        var lines = Self.head(name, section: 1, about: command.abstract ?? "")
        lines += [".Sh SYNOPSIS", ".Nm \(path.joined(separator: " "))"]
        if !command.shown.isEmpty { lines.append(".Ar command") }
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        let options = arguments.filter { $0.kind != "positional" }
        if !options.isEmpty { lines.append(".Op Ar options") }
        for argument in arguments where argument.kind == "positional" {
            let word = "Ar \(Self.escaped(argument.valueName ?? "value"))\(argument.isRepeating ? " ..." : "")"
            lines.append(argument.isOptional ? ".Op \(word)" : ".\(word)")
        }
        lines += [".Sh DESCRIPTION"] + Self.prose(command.discussion ?? command.abstract ?? "")
        if !command.shown.isEmpty {
            lines += [".Sh COMMANDS", ".Bl -tag -width Ds"]
            for inner in command.shown {
                lines += [
                    ".It Xr \((path + [inner.commandName]).joined(separator: "-")) 1", Self.line(inner.abstract ?? ""),
                ]
            }
            lines.append(".El")
        }
        if !options.isEmpty {
            lines += [".Sh OPTIONS", ".Bl -tag -width Ds"] + options.flatMap(Self.item) + [".El"]
        }
        if path.count == 1 || name == "nestbox-run" { lines += Self.exitStatus }
        let others = path.count == 1 ? command.shown.map { "\(name)-\($0.commandName)" } : ["nestbox"]
        lines += [".Sh SEE ALSO"] + (others.sorted().map { ".Xr \($0) 1 ," } + [".Xr nestboxd 8"])
        file = name + ".1"
        text = lines.joined(separator: "\n") + "\n"
    }

    private static var service: ManualPage {
        var lines = head("nestboxd", section: 8, about: "serves runs over HTTP, server-sent events and WebSocket")
        lines += [".Sh SYNOPSIS", ".Nm nestboxd", ".Op Fl -config Ar file", ".Op Fl -setting Ar value ..."]
        lines += [".Sh DESCRIPTION"]
        lines += prose(
            "Started by root it keeps a small root process for sandboxes and becomes another user itself. SIGTERM and "
                + "SIGINT stop it in order; SIGHUP reads policies, images and certificates again.")
        lines += [".Sh SETTINGS"]
        lines += prose(
            "A flag holds over a variable (NESTBOX_NAME), a variable over the file, the file over the default.")
        lines += [".Bl -tag -width Ds"]
        for setting in Setting.all(Installation.paths) {
            lines.append(".It Fl \(escaped(String(setting.flag.dropFirst())))")
            lines.append(line(setting.help + (setting.standard.isEmpty ? "" : " Default: \(setting.standard).")))
        }
        lines += [".El", ".Sh FILES", ".Bl -tag -width Ds"]
        for (path, about) in [
            ("/etc/nestbox/nestbox.yaml", "Settings."),
            ("/etc/nestbox/policies, /etc/nestbox/images", "Replace policies and images of the same name."),
            ("/etc/nestbox/warden.conf", "What the privileged half may be asked for."),
            ("/var/lib/nestbox", "Image roots, keys, and what was fetched."),
        ] { lines += [".It Pa \(path)", line(about)] }
        lines += [".El", ".Sh EXIT STATUS"]
        lines += prose("0 after an orderly stop, 1 when it could not start or go on, 125 when settings are wrong.")
        lines += [".Sh SEE ALSO", ".Xr nestbox 1"]
        return ManualPage(file: "nestboxd.8", text: lines.joined(separator: "\n") + "\n")
    }

    private static func head(_ name: String, section: Int, about: String) -> [String] {
        [
            ".Dd \(date)", ".Dt \(name.uppercased()) \(section)", ".Os Nestbox \(Installation.version)", ".Sh NAME",
            ".Nm \(name)", ".Nd \(line(about.hasSuffix(".") ? String(about.dropLast()) : about))",
        ]
    }

    /// mdoc(7) wants one in its own form: when the page was made.
    private static var date: String {
        Date.now.formatted(
            Date.VerbatimFormatStyle(
                format: "\(month: .wide) \(day: .defaultDigits), \(year: .defaultDigits)",
                locale: Locale(identifier: "en_US"),
                timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    }

    private static func item(_ argument: CommandTree.Argument) -> [String] {
        let names = (argument.names ?? []).map { "Fl \(escaped(String($0.text.dropFirst())))" }
        let value = argument.kind == "option" ? " Ar \(escaped(argument.valueName ?? "value"))" : ""
        let words = [argument.abstract, argument.discussion, argument.defaultValue.map { "Default: \($0)." }]
        return [".It \(names.joined(separator: " , "))\(value)"]
            + prose(words.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " "))
    }

    private static var exitStatus: [String] {
        [".Sh EXIT STATUS"] + prose(ExitTable.text)
    }

    /// Paragraphs are filled; lines that begin with a blank, and capitals that head them, stay as they are.
    private static func prose(_ text: String) -> [String] {
        var lines: [String] = []
        var isLiteral = false
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let wantsLiteral = part.hasPrefix(" ") || (isLiteral && part.isEmpty)
            if wantsLiteral != isLiteral {
                lines += wantsLiteral ? [".Bd -literal"] : [".Ed", ".Pp"]
                isLiteral = wantsLiteral
            }
            if part.isEmpty {
                if !isLiteral, lines.last != ".Pp" { lines.append(".Pp") }
            } else if !isLiteral, part.allSatisfy({ $0.isUppercase || $0 == " " }) {
                if lines.last == ".Pp" { lines.removeLast() }
                lines.append(".Ss \(part)")
            } else {
                lines.append(line(String(part)))
            }
        }
        if isLiteral { lines.append(".Ed") }
        while lines.last == ".Pp" { lines.removeLast() }
        return lines
    }

    /// Text that no macro is found in.
    private static func line(_ text: String) -> String {
        let text = escaped(text)
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }
}
