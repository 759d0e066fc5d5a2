package import SandboxSpec

extension SandboxRules: Codable {
    private static let maximumSyscalls = 1024

    private enum Key: String, CodingKey {
        case limits, network, syscalls, terminal, preparation
        case warnAt = "warn_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(limits, forKey: .limits)
        try container.encode(warnAt, forKey: .warnAt)
        try container.encode(network.name, forKey: .network)
        try container.encode(syscalls, forKey: .syscalls)
        try container.encodeIfPresent(terminal, forKey: .terminal)
        try container.encode(preparation, forKey: .preparation)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        limits = try container.decode(Limits.self, forKey: .limits)
        warnAt = try container.decode(.warnAt, in: 1...100)
        let name = try container.decode(String.self, forKey: .network)
        guard let network = NetworkAccess(name: name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .network, in: container, debugDescription: "allowed is none, loopback or egress")
        }
        self.network = network
        syscalls = try container.strings(.syscalls, count: Self.maximumSyscalls, bytes: 64)
        terminal = try container.decodeIfPresent(TerminalSize.self, forKey: .terminal)
        preparation = try container.decode(Preparation.self, forKey: .preparation)
        let isName = { (name: String) in
            !name.isEmpty
                && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
        }
        try container.require(
            syscalls.allSatisfy(isName) && zip(syscalls, syscalls.dropFirst()).allSatisfy { $0 < $1 }, .syscalls,
            "names of system calls, sorted and unique")
    }
}

extension Limits: Codable {
    private struct Key: CodingKey {
        let limit: LimitName
        var stringValue: String { limit.rawValue }
        var intValue: Int? { nil }

        init(_ limit: LimitName) { self.limit = limit }
        init?(stringValue: String) {
            guard let limit = LimitName(rawValue: stringValue) else { return nil }
            self.limit = limit
        }
        init?(intValue: Int) { nil }
    }

    /// All limits by name, in their units.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for name in LimitName.allCases { try container.encode(self[name], forKey: Key(name)) }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        var values: [LimitName: Int64] = [:]
        for name in LimitName.allCases { values[name] = try container.decode(Key(name), in: name.range) }
        // All are there, and in range.
        self = try Limits { values[$0] ?? 0 }
    }
}

extension TerminalSize: Codable {
    private enum Key: String, CodingKey {
        case rows
        case columns = "cols"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(rows, forKey: .rows)
        try container.encode(columns, forKey: .columns)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        self.init(
            rows: try container.decode(.rows, in: 1...1000), columns: try container.decode(.columns, in: 1...1000))
    }
}

extension Preparation: Codable {
    private enum Key: String, CodingKey {
        case kind, language, command, environment, script, modules
    }

    private enum Kind: String, Codable {
        case none, boot, fork
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let interpreter: Interpreter
        switch self {
        case .none:
            try container.encode(Kind.none, forKey: .kind)
            return
        case .boot(let booted):
            try container.encode(Kind.boot, forKey: .kind)
            interpreter = booted
        case .fork(let language, let forked):
            try container.encode(Kind.fork, forKey: .kind)
            try container.encode(language.rawValue, forKey: .language)
            interpreter = forked
        }
        try container.encode(interpreter.command, forKey: .command)
        try container.encode(interpreter.environment, forKey: .environment)
        try container.encode(interpreter.script, forKey: .script)
        try container.encode(interpreter.modules, forKey: .modules)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(keyedBy: Key.self)
        let kind = try container.decode(Kind.self, forKey: .kind)
        guard kind != .none else {
            try container.require(container.allKeys.count == 1, .kind, "nothing else")
            self = .none
            return
        }
        func strings(_ key: Key) throws -> [String] {
            try container.strings(key, count: Job.maximumStrings, bytes: Interpreter.maximumBytes)
        }
        let (command, environment, modules) = (
            try strings(.command), try strings(.environment), try strings(.modules)
        )
        let script = try container.decode(String.self, forKey: .script)
        let interpreter = try container.make(.command) { () throws(InvalidInterpreter) in
            try Interpreter(command: command, environment: environment, script: script, modules: modules)
        }
        guard kind == .fork else {
            try container.require(!container.contains(.language), .language, "nothing for this kind")
            self = .boot(interpreter)
            return
        }
        guard let language = ZygoteLanguage(rawValue: try container.decode(String.self, forKey: .language)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .language, in: container, debugDescription: "there is no such language")
        }
        self = .fork(language, interpreter)
    }
}
