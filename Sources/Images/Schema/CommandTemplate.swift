package import SandboxSpec

/// A command of an image, with places for what a request chooses.
package struct CommandTemplate: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// What stands for something of the request's.
    package enum Placeholder: String, Sendable, CaseIterable {
        /// The path of the main file, relative to /box.
        case main = "{main}"
        /// The same without its extension.
        case stem = "{stem}"
        /// The same with dots for slashes: what Java calls a class.
        case className = "{class}"
        /// The directory the main file is in: `.`, or `./` and its path.
        case directory = "{directory}"
        /// All source files, the main one last: as many arguments.
        case sources = "{sources}"
        /// The compiler options of the request: as many arguments.
        case options = "{options}"
        /// What makes the program's output live: as many arguments; none for a request that wants it buffered.
        case live = "{live}"

        /// Whether any number of arguments may take its place; then it has to stand alone.
        var isList: Bool { self == .sources || self == .options || self == .live }
    }

    package let words: [String]
    /// What stands for `{live}`.
    package let live: [String]

    package init(_ words: [String], live: [String] = []) {
        self.words = words
        self.live = live
    }

    package init(arrayLiteral words: String...) { self.init(words) }

    /// Whether this place is somewhere in the command.
    package func has(_ placeholder: Placeholder) -> Bool { words.contains { $0.contains(placeholder.rawValue) } }

    /// Whether another main file makes another command.
    var takesMain: Bool { Placeholder.allCases.contains { $0 != .options && $0 != .live && has($0) } }

    /// The command for a program.
    package func command(for program: ProgramFiles) -> [String] {
        words.flatMap { word -> [String] in
            switch Placeholder(rawValue: word) {
            case .sources: return program.sources.map(ProgramFiles.argument)
            case .options: return program.options
            case .live: return program.isLive ? live : []
            default: break
            }
            return [Self.filled(word, for: program)]
        }
    }

    /// A word with its places filled. What is put in is not looked at again.
    private static func filled(_ word: String, for program: ProgramFiles) -> String {
        var text = ""
        var rest = word[...]
        while let brace = rest.firstIndex(of: "{") {
            text += rest[..<brace]
            rest = rest[brace...]
            let place = Placeholder.allCases.first { !$0.isList && rest.hasPrefix($0.rawValue) }
            text += place.map(program.text(of:)) ?? "{"
            rest = rest.dropFirst(place?.rawValue.count ?? 1)
        }
        return text + rest
    }

    /// What is wrong with a word of a command; nil when nothing is.
    static func diagnostic(in word: String) -> String? {
        for place in Placeholder.allCases where place.isList && word.contains(place.rawValue) && word != place.rawValue
        {
            return "\(place.rawValue) as an argument of its own"
        }
        // Longer texts in braces may well be a program.
        guard word.hasPrefix("{"), word.hasSuffix("}"), Placeholder(rawValue: word) == nil,
            word.utf8.dropFirst().dropLast().allSatisfy({ (0x61...0x7a).contains($0) }), word.utf8.count > 2
        else { return nil }
        return Placeholder.allCases.map(\.rawValue).joined(separator: ", ")
    }
}

/// What a request puts into the places of an image's commands.
package struct ProgramFiles: Sendable, Equatable {
    package let main: BoxPath
    /// In the order in which a compiler gets them: the main one last.
    package let sources: [BoxPath]
    package let options: [String]
    /// Whether its output is to come as it is written.
    package let isLive: Bool

    package init(main: BoxPath, sources: [BoxPath], options: [String] = [], isLive: Bool = true) {
        self.main = main
        self.sources = sources
        self.options = options
        self.isLive = isLive
    }

    /// A path as an argument that nothing takes for an option, or, as compilers do with `@name`, for a list of options.
    static func argument(_ path: BoxPath) -> String {
        ImageWords.beginsPlainly(path.description) ? path.description : "./" + path.description
    }

    func text(of place: CommandTemplate.Placeholder) -> String {
        switch place {
        case .main, .sources, .options, .live: Self.argument(main)
        case .stem: stem
        case .className: stem.replacing("/", with: ".")
        case .directory: main.directory.map { "./" + $0 } ?? "."
        }
    }

    private var stem: String {
        let path = Self.argument(main)
        return main.fileExtension.map { String(path.dropLast($0.count + 1)) } ?? path
    }
}

extension BoxPath {
    /// The directory it is in; nil at the top.
    package var directory: String? {
        description.lastIndex(of: "/").map { String(description[..<$0]) }
    }

    /// What follows the last dot of its name; nil when there is none, or nothing before or after it.
    package var fileExtension: String? {
        let name = description.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, name.index(after: dot) != name.endIndex else {
            return nil
        }
        return String(name[name.index(after: dot)...])
    }
}
