internal import ConfigurationFiles

/// All groups of system calls, each expanded to the names it stands for.
package struct SyscallGroups: Sendable, Equatable {
    private let expanded: [String: Set<String>]

    package static let maximumCount = 64
    /// Groups inside groups.
    package static let maximumDepth = 8

    /// No groups at all.
    package init() { expanded = [:] }

    private init(expanded: [String: Set<String>]) { self.expanded = expanded }

    /// Reads groups from their documents; errors go to `log`, and a group with errors keeps what is right in it.
    ///
    /// - Parameter documents: the name of each file without its suffix, and its content, nil if it could not be read.
    /// - Returns: the groups, and those that have errors or include one that has, with the errors.
    static func read(
        _ documents: [(stem: String, node: YAMLNode?)], log: DiagnosticLog
    ) -> (groups: SyscallGroups, broken: [String: ConfigurationError]) {
        let known = Set(documents.map(\.stem))
        var groups: [String: SyscallGroup] = [:]
        var broken: [String: ConfigurationError] = [:]
        for document in documents {
            let own = DiagnosticLog()
            if let node = document.node {
                groups[document.stem] = SyscallGroup(node, stem: document.stem, known: known, log: own)
            } else {
                // What it was is in the log already.
                own.add(ConfigurationDiagnostic(of: "syscalls/\(document.stem).yaml", "this group cannot be read"))
            }
            broken[document.stem] = own.error
            if document.node != nil { log.add(own) }
        }
        var expanded: [String: Set<String>] = [:]
        for stem in known.sorted() {
            let own = DiagnosticLog()
            expand(stem, of: groups, path: [], into: &expanded, log: own)
            if broken[stem] == nil { broken[stem] = own.error }
            log.add(own)
        }
        for stem in known where expanded[stem] == nil { expanded[stem] = [] }
        spread(&broken, over: groups)
        return (SyscallGroups(expanded: expanded), broken)
    }

    /// A group that includes a broken one is broken, too.
    private static func spread(_ broken: inout [String: ConfigurationError], over groups: [String: SyscallGroup]) {
        for _ in 0..<maximumDepth {
            for (stem, group) in groups where broken[stem] == nil {
                broken[stem] = group.includes.compactMap { broken[$0.value] }.first
            }
        }
    }

    /// The names of all groups, without the `@`, sorted.
    package var names: [String] { expanded.keys.sorted() }

    /// The calls a group stands for, sorted; nil if there is no such group.
    ///
    /// - Parameter name: with or without the `@`.
    package func calls(in name: String) -> [String]? {
        expanded[name.hasPrefix("@") ? String(name.dropFirst()) : name]?.sorted()
    }

    func callSet(in name: String) -> Set<String> { expanded[name] ?? [] }

    private static func expand(
        _ name: String, of groups: [String: SyscallGroup], path: [String], into expanded: inout [String: Set<String>],
        log: DiagnosticLog
    ) {
        guard expanded[name] == nil, let group = groups[name] else { return }
        var calls = group.calls
        let path = path + [name]
        for include in group.includes {
            guard !path.contains(include.value) else {
                let cycle = path.drop { $0 != include.value } + [include.value]
                log.add(
                    at: include.location, key: "entries",
                    found: "groups in a circle: \(cycle.map { "@\($0)" }.joined(separator: " > "))",
                    allowed: "groups that do not include themselves")
                continue
            }
            guard path.count < maximumDepth else {
                log.add(
                    at: include.location, key: "entries", found: "more than \(maximumDepth) groups inside each other",
                    allowed: "at most \(maximumDepth)")
                continue
            }
            expand(include.value, of: groups, path: path, into: &expanded, log: log)
            calls.formUnion(expanded[include.value] ?? [])
        }
        expanded[name] = calls
    }
}
