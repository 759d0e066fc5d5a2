internal import ConfigurationFiles
internal import SandboxSpec

/// A policy as one file says it: each key absent or of the right type, nothing yet inherited or compared.
struct PolicyDocument {
    let location: SourceLocation
    let name: Located<String>
    var description: String?
    var image: Located<String>?
    var extends: Located<String>?
    var limits: [LimitName: Located<Int64>] = [:]
    var ceiling: [LimitName: Located<Int64>] = [:]
    var networkCeiling: Located<NetworkSetting>?
    var warnAt: Located<Int64>?
    var network: Located<NetworkSetting>?
    /// Absent inherits, empty is none; the same for `deny`.
    var allow: [Located<String>]?
    var deny: [Located<String>]?
    var poolMinimum: Located<Int64>?
    var poolMaximum: Located<Int64>?
    var warm: Located<Warmth>?
    var session = SessionKeys()
    var workspace = WorkspaceKeys()
    /// Something in it is wrong, which is in the log: what is missing here may only have been misread.
    let isBroken: Bool

    /// The groups of system calls it names, without the `@`.
    var groups: Set<String> {
        Set(((allow ?? []) + (deny ?? [])).map(\.value).filter { $0.hasPrefix("@") }.map { String($0.dropFirst()) })
    }

    /// The named sets of hosts that it names.
    var networkSets: [String] { (network?.value.sets ?? []) + (networkCeiling?.value.sets ?? []) }

    static let keys = [
        "version", "name", "description", "image", "extends", "limits", "ceiling", "warn_at", "network", "syscalls",
        "pool", "session", "workspace",
    ]

    /// Whatever could be read; errors are in `log` then. Nil for what is no mapping at all.
    init?(
        _ node: YAMLNode, stem: String, groups: SyscallGroups, networks: NetworkSets, log: DiagnosticLog
    ) {
        let before = log.count
        guard let document = MappingReader(node, log: log) else { return nil }
        document.rejectKeys(notIn: Self.keys)
        document.checkVersion()
        // What others call it, even when it calls itself something else.
        name = document.name(ofFile: stem) ?? Located(stem, at: document.location)
        description = document.string("description")?.value
        image = document.name("image")
        extends = document.name("extends")
        limits = document.limits("limits")
        if let upper = document.mapping("ceiling") {
            ceiling = upper.limits(beside: ["network"])
            networkCeiling = NetworkSetting.read("network", of: upper, sets: networks)
        }
        warnAt = document.quantity("warn_at", as: .percent, in: 1...100)
        network = NetworkSetting.read("network", of: document, sets: networks)
        if let syscalls = document.mapping("syscalls") {
            syscalls.rejectKeys(notIn: ["allow", "deny"])
            allow = Self.calls("allow", of: syscalls, groups: groups, denying: false)
            deny = Self.calls("deny", of: syscalls, groups: groups, denying: true)
        }
        if let pool = document.mapping("pool") {
            pool.rejectKeys(notIn: ["min", "max", "warm"])
            poolMinimum = pool.integer("min", in: PoolSettings.range)
            poolMaximum = pool.integer("max", in: 1...PoolSettings.range.upperBound)
            warm = pool.choice("warm", of: Warmth.self)
        }
        if let session = document.mapping("session") { self.session = SessionKeys(session) }
        if let workspace = document.mapping("workspace") { self.workspace = WorkspaceKeys(workspace) }
        location = document.location
        isBroken = log.count != before
    }

    /// A list of names and groups; what is not allowed or not known is an error.
    private static func calls(
        _ key: String, of syscalls: MappingReader, groups: SyscallGroups, denying: Bool
    ) -> [Located<String>]? {
        guard let names = syscalls.strings(key, maximumBytes: 64) else { return nil }
        let known = Set(groups.names)
        for (index, name) in names.enumerated() {
            let path = "\(syscalls.path(to: key))[\(index)]"
            if name.value.hasPrefix("@") {
                _ = SyscallNames.checkGroup(name, path: path, known: known, log: syscalls.log)
            } else if denying {
                _ = SyscallNames.checkKnown(name, path: path, log: syscalls.log)
            } else {
                _ = SyscallNames.checkAllowed(name, path: path, log: syscalls.log)
            }
        }
        return names
    }
}
