/// All groups of system calls, each expanded to the names it stands for.
package struct SyscallGroups: Sendable, Equatable {
    private let expanded: [String: Set<String>]

    package static let maximumCount = 64
    /// Groups inside groups.
    package static let maximumDepth = 8

    /// No groups at all.
    package init() { expanded = [:] }

    /// Reads groups from their documents; mistakes go to `log`, and a group with mistakes keeps what is right in it.
    ///
    /// - Parameter documents: the name of each file without its suffix, and its content, nil if it could not be read.
    init(_ documents: [(stem: String, node: YAMLNode?)], log: MistakeLog) {
        let known = Set(documents.map(\.stem))
        var groups: [String: SyscallGroup] = [:]
        for document in documents {
            guard let node = document.node else { continue }
            groups[document.stem] = SyscallGroup(node, stem: document.stem, known: known, log: log)
        }
        var expanded: [String: Set<String>] = [:]
        for stem in known.sorted() { Self.expand(stem, of: groups, path: [], into: &expanded, log: log) }
        for stem in known where expanded[stem] == nil { expanded[stem] = [] }
        self.expanded = expanded
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
        log: MistakeLog
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
