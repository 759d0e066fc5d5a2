/// How far a sandbox is prepared before its job arrives.
package enum Preparation: Sendable, Hashable {
    /// Complete and locked down, about to execute whatever command it is given.
    case none
    /// The interpreter has been started in the sandbox and waits where it first looks at its script.
    case boot(Interpreter)
    /// The program is a fork of an interpreter that has been started outside of any sandbox, once for all of them.
    case fork(ZygoteLanguage, Interpreter)
}

/// The languages whose interpreters can be forked. The names are those of `image.yaml` and of the zygote library.
package enum ZygoteLanguage: String, Sendable, Hashable, CaseIterable {
    case python, ruby, perl, php, lua

    /// Whether a program can get its own arguments although its interpreter has read its command line already.
    package var takesArguments: Bool {
        switch self {
        case .python, .ruby: true
        case .perl, .php, .lua: false
        }
    }

    /// Whether modules can be loaded before the fork.
    package var takesModules: Bool { takesArguments }

    /// Variables that an interpreter may have when it boots outside of a sandbox. Others could name code for it to run; a program
    /// gets them with its job.
    private static let bootVariables: Set<String> = [
        "PATH", "HOME", "USER", "LANG", "TZ", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONHASHSEED",
        "PYTHONUTF8",
    ]

    /// Exact strings with which the shipped images make output live.
    private static let bootEntries: Set<String> = ["PERL5OPT=-M5;$|=1", "RUBYOPT=-r/usr/lib/nestbox/live"]

    /// Whether an interpreter may be booted outside of a sandbox with this `KEY=VALUE` string.
    package static func mayBoot(with entry: String) -> Bool {
        if bootEntries.contains(entry) { return true }
        let name = String(entry.prefix { $0 != "=" })
        let value = String(entry.dropFirst(name.count + 1))
        switch name {
        case "PATH":
            // The search path for executables: directories of the image, never of a process.
            return value.split(separator: ":", omittingEmptySubsequences: false).allSatisfy(isDirectory)
        // A home may hold modules, which python loads at its start.
        case "HOME": return isDirectory(value[...])
        case _ where bootVariables.contains(name) || name.hasPrefix("LC_"):
            // TZ and the locale may name files.
            return !value.hasPrefix("/") && !value.contains(":/") && !value.contains("..") && value.utf8.count <= 128
                && value.utf8.allSatisfy { (0x2b...0x3a).contains($0) || $0 == 0x40 || $0 == 0x5f || isLetter($0) }
        default: return false
        }
    }

    /// Whether the text is an absolute path of letters, digits and `_ . + -` that leads to no process and no device.
    private static func isDirectory(_ path: Substring) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return path.hasPrefix("/") && path.utf8.count <= 512 && !parts.contains("..") && !parts.contains(".")
            && !["proc", "dev", "sys"].contains(parts.first { !$0.isEmpty } ?? "")
            && path.utf8.allSatisfy {
                (0x2d...0x39).contains($0) || $0 == 0x2b || $0 == 0x5f || isLetter($0)
            }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    /// Whether this can be the name of a module of the language.
    package func isModule(_ name: String) -> Bool {
        guard Interpreter.isModule(name) else { return false }
        switch self {
        case .python:
            return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                guard let first = part.utf8.first else { return false }
                return !(0x30...0x39).contains(first) && !part.utf8.contains(0x2d) && !part.utf8.contains(0x2f)
            }
        case .ruby: return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
        case .perl, .php, .lua: return false
        }
    }

    /// Whether this is a name of the language's interpreter, such as `python3` or `lua5.4`.
    package func isInterpreter(_ name: String) -> Bool {
        guard name.hasPrefix(rawValue) else { return false }
        return name.utf8.dropFirst(rawValue.utf8.count).allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
    }
}

/// An interpreter that is started before its program exists: its command, which ends where the program's own arguments
/// would begin, and the file at whose first access the interpreter has booted.
package struct Interpreter: Sendable, Hashable {
    package let command: [String]
    /// `KEY=VALUE` strings.
    package let environment: [String]
    /// A file name in /box.
    package let script: String
    /// The modules that the interpreter loads before it is forked.
    package let modules: [String]

    package static let maximumModules = 256
    package static let maximumModuleBytes = 96
    package static let maximumScriptBytes = 255
    /// The most bytes of all strings together, so that they fit into one message with the rest of a spec.
    package static let maximumBytes = 16_384

    /// - Throws: the first value that is out of bounds.
    package init(
        command: [String], environment: [String], script: String, modules: [String] = []
    ) throws(InvalidInterpreter) {
        func require(_ holds: Bool, _ field: String, _ found: String, _ allowed: String) throws(InvalidInterpreter) {
            if !holds { throw InvalidInterpreter(field: field, found: found, allowed: allowed) }
        }
        try require(!command.isEmpty && command.first != "", "command", "nothing", "a program and its arguments")
        try require(
            Self.isScript(script), "script", script,
            "a file name of 1 to \(Self.maximumScriptBytes) letters, digits and _ . -, not . or - first")
        try require(
            modules.count <= Self.maximumModules, "modules", "\(modules.count)", "at most \(Self.maximumModules)")
        for module in modules {
            try require(
                Self.isModule(module), "modules", module, "names of letters, digits and _ . / -, none of . / - first")
        }
        for entry in environment {
            try require(
                entry.utf8.firstIndex(of: 0x3d).map { $0 != entry.utf8.startIndex } ?? false, "environment", entry,
                "NAME=VALUE")
        }
        let all = command + environment + modules + [script]
        try require(!all.contains { $0.utf8.contains(0) }, "strings", "NUL", "text without NUL")
        let bytes = all.reduce(0) { $0 + $1.utf8.count + 3 }
        try require(bytes <= Self.maximumBytes, "strings", "\(bytes) bytes", "at most \(Self.maximumBytes) together")
        self.command = command
        self.environment = environment
        self.script = script
        self.modules = modules
    }

    /// Hashes only the parts that differ most: there may be hundreds of modules, and a pool is looked up for every run.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(command)
        hasher.combine(script)
        hasher.combine(modules.count)
    }

    /// A file name that can stand in a statement of the language, and is no option of its interpreter (`-c…` of python) and
    /// no other directory.
    package static func isScript(_ name: String) -> Bool {
        guard (1...maximumScriptBytes).contains(name.utf8.count), name.utf8.first != 0x2d, name.utf8.first != 0x2e
        else { return false }
        return name.utf8.allSatisfy(isPlain)
    }

    /// A name that can stand in a list, in a statement of the language, and be no path out of its library.
    package static func isModule(_ name: String) -> Bool {
        guard (1...maximumModuleBytes).contains(name.utf8.count), !name.contains(".."),
            let first = name.utf8.first, isPlain(first), first != 0x2d, first != 0x2e
        else { return false }
        return name.utf8.allSatisfy { isPlain($0) || $0 == 0x2f }
    }

    /// A letter, a digit, or one of `_ . -`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x5f, 0x2e, 0x2d: true
        default: false
        }
    }
}

/// A description of an interpreter that cannot be one.
package struct InvalidInterpreter: Error, Equatable, CustomStringConvertible {
    package let field: String
    package let found: String
    package let allowed: String

    package var description: String { "interpreter \(field): found \(found.prefix(80)), allowed \(allowed)" }
}
