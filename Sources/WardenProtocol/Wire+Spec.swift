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
            throw ProtocolError(field: "create.network", found: "\(code)", allowed: "0 or 1")
        }
        let syscalls = try strings(
            "create.syscalls", count: WardenProtocolLimits.maximumSyscalls, bytes: WireBounds.syscallBytes)
        try WireBounds.syscalls(syscalls, "create.syscalls")
        let terminal = try bool("create.terminal") ? try terminalSize("create.terminal") : nil
        return SandboxSpec(
            root: root, limits: limits, warnAt: warnAt, network: network, syscalls: syscalls, terminal: terminal)
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
