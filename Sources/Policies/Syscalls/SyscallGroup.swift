internal import ConfigurationFiles

/// One group of system calls as its file says it: calls and other groups, each with a reason.
struct SyscallGroup: Sendable {
    let name: String
    let calls: Set<String>
    /// Names of included groups, without the `@`.
    let includes: [Located<String>]

    static let maximumEntries = 512

    /// Reads a group; every entry that cannot stand is an error in `log`.
    ///
    /// - Parameter known: the names of all groups there are, without the `@`.
    init?(_ node: YAMLNode, stem: String, known: Set<String>, log: DiagnosticLog) {
        guard let document = MappingReader(node, log: log) else { return nil }
        document.rejectKeys(notIn: ["version", "name", "description", "entries"])
        document.checkVersion()
        guard let name = document.name(ofFile: stem) else { return nil }
        _ = document.string("description", required: true)
        var calls: Set<String> = []
        var includes: [Located<String>] = []
        for item in document.items("entries", required: true, maximumCount: Self.maximumEntries) ?? [] {
            guard let entry = MappingReader(item.node, path: item.path, log: log) else { continue }
            entry.rejectKeys(notIn: ["call", "group", "why"])
            _ = entry.string("why", required: true)
            switch (entry.contains("call"), entry.contains("group")) {
            case (true, false):
                guard let call = entry.string("call"),
                    SyscallNames.checkAllowed(call, path: entry.path(to: "call"), log: log)
                else { continue }
                if !calls.insert(call.value).inserted {
                    entry.reject("call", found: "\"\(call.value)\" twice", allowed: "each call once")
                }
            case (false, true):
                guard let group = entry.string("group"),
                    let name = SyscallNames.checkGroup(group, path: entry.path(to: "group"), known: known, log: log)
                else { continue }
                includes.append(Located(name, at: group.location))
            default:
                log.add(
                    at: entry.location, key: entry.path, found: "an entry that is not one call or one group",
                    allowed: "call: NAME or group: \"@NAME\", and why")
            }
        }
        self.name = name.value
        self.calls = calls
        self.includes = includes
    }
}
