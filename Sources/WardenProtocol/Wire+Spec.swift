internal import SandboxSpec

extension MessageWriter {
    mutating func terminalSize(_ size: TerminalSize, _ field: String) throws(ProtocolError) {
        try integer(size.rows, field)
        try integer(size.columns, field)
    }

    mutating func spec(_ spec: SandboxSpec) throws(ProtocolError) {
        switch spec.root {
        case .host:
            try integer(UInt8(0), "create.root")
        case .tree(let path):
            try integer(UInt8(1), "create.root")
            try WireBounds.root(path: path, "create.root")
            try string(path, "create.root")
        }
        // In the order of `allCases`, which the protocol version fixes.
        for name in LimitName.allCases { try integer(spec.limits[name], "create.limits") }
        try WireBounds.range(spec.warnAt, WireBounds.percent, "create.warn_at")
        try integer(spec.warnAt, "create.warn_at")
        try integer(spec.network.rawValue, "create.network")
        try WireBounds.syscalls(spec.syscalls, "create.syscalls")
        try strings(spec.syscalls, "create.syscalls")
        try bool(spec.terminal != nil, "create.terminal")
        if let size = spec.terminal { try terminalSize(size, "create.terminal") }
        try preparation(spec.preparation)
        try bool(spec.hasChannel, "create.channel")
        try bool(spec.isObserved, "create.observed")
        try bool(spec.hasProcesses, "create.processes")
    }

    private mutating func preparation(_ preparation: Preparation) throws(ProtocolError) {
        switch preparation {
        case .none: try integer(UInt8(0), "create.preparation")
        case .boot(let interpreter):
            try integer(UInt8(1), "create.preparation")
            try self.interpreter(interpreter)
        case .fork(let language, let interpreter):
            try integer(UInt8(2), "create.preparation")
            try string(language.rawValue, "create.preparation.language")
            try self.interpreter(interpreter)
        }
    }

    private mutating func interpreter(_ interpreter: Interpreter) throws(ProtocolError) {
        try strings(interpreter.command, "create.preparation.command")
        try strings(interpreter.environment, "create.preparation.environment")
        try string(interpreter.script, "create.preparation.script")
        try strings(interpreter.modules, "create.preparation.modules")
    }
}

extension MessageReader {
    mutating func terminalSize(_ field: String) throws(ProtocolError) -> TerminalSize {
        TerminalSize(rows: try integer(UInt16.self, field), columns: try integer(UInt16.self, field))
    }

    mutating func spec() throws(ProtocolError) -> SandboxSpec {
        let root = try rootSource()
        let limits = try limits()
        let warnAt = try integer(UInt8.self, "create.warn_at")
        try WireBounds.range(warnAt, WireBounds.percent, "create.warn_at")
        let code = try integer(UInt8.self, "create.network")
        guard let network = NetworkAccess(rawValue: code) else {
            throw ProtocolError(field: "create.network", found: "\(code)", allowed: "0, 1 or 2")
        }
        let syscalls = try strings(
            "create.syscalls", count: WardenProtocolLimits.maximumSyscalls, bytes: WireBounds.syscallBytes)
        try WireBounds.syscalls(syscalls, "create.syscalls")
        let terminal = try bool("create.terminal") ? try terminalSize("create.terminal") : nil
        return SandboxSpec(
            root: root, limits: limits, warnAt: warnAt, network: network, syscalls: syscalls, terminal: terminal,
            preparation: try preparation(), hasChannel: try bool("create.channel"),
            isObserved: try bool("create.observed"), hasProcesses: try bool("create.processes"))
    }

    private mutating func preparation() throws(ProtocolError) -> Preparation {
        switch try integer(UInt8.self, "create.preparation") {
        case 0: return .none
        case 1: return .boot(try interpreter())
        case 2:
            let name = try string("create.preparation.language", limit: 16)
            guard let language = ZygoteLanguage(rawValue: name) else {
                throw ProtocolError(
                    field: "create.preparation.language", found: ProtocolError.shown(name),
                    allowed: ZygoteLanguage.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return .fork(language, try interpreter())
        case let other: throw ProtocolError(field: "create.preparation", found: "\(other)", allowed: "0, 1 or 2")
        }
    }

    private mutating func interpreter() throws(ProtocolError) -> Interpreter {
        let limit = Interpreter.maximumBytes
        let command = try strings("create.preparation.command", count: Job.maximumStrings, bytes: limit)
        let environment = try strings("create.preparation.environment", count: Job.maximumStrings, bytes: limit)
        let script = try string("create.preparation.script", limit: Interpreter.maximumScriptBytes)
        let modules = try strings(
            "create.preparation.modules", count: Interpreter.maximumModules, bytes: Interpreter.maximumModuleBytes)
        do {
            return try Interpreter(command: command, environment: environment, script: script, modules: modules)
        } catch {
            throw ProtocolError(
                field: "create.preparation.\(error.field)", found: ProtocolError.shown(error.found),
                allowed: error.allowed)
        }
    }

    private mutating func rootSource() throws(ProtocolError) -> RootSource {
        switch try integer(UInt8.self, "create.root") {
        case 0: return .host
        case 1:
            let path = try string("create.root", limit: WireBounds.pathBytes)
            try WireBounds.root(path: path, "create.root")
            return .tree(path)
        case let other: throw ProtocolError(field: "create.root", found: "kind \(other)", allowed: "kind 0 or 1")
        }
    }

    private mutating func limits() throws(ProtocolError) -> Limits {
        var values: [LimitName: Int64] = [:]
        for name in LimitName.allCases { values[name] = try integer(Int64.self, "create.limits") }
        let read = values
        do {
            // Every name was just read; were one missing, 0 is outside every range.
            return try Limits { read[$0] ?? 0 }
        } catch {
            throw ProtocolError(
                field: "create.limits.\(error.name.rawValue)", found: "\(error.found)",
                allowed: "\(error.name.range.lowerBound) to \(error.name.range.upperBound)")
        }
    }
}
