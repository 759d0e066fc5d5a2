internal import ConfigurationFiles
internal import EgressRules

/// All named sets of hosts (`networks/NAME.yaml`): each a list of rules with a reason for every one.
package struct NetworkSets: Sendable, Equatable {
    private let rules: [String: [EgressRule]]

    package static let maximumCount = 64
    static let maximumEntries = 256

    init(rules: [String: [EgressRule]] = [:]) { self.rules = rules }

    /// The names of all sets, sorted.
    package var names: [String] { rules.keys.sorted() }

    /// The rules of a set as they are written; nil if there is none of this name.
    package func entries(of name: String) -> [String]? { rules[name]?.map(\.description) }

    func rules(of name: String) -> [EgressRule]? { rules[name] }

    /// Reads sets from their documents; errors go to `log`.
    ///
    /// - Parameter documents: the name of each file without its suffix, and its content, nil if it could not be read.
    /// - Returns: the sets, and those that have errors, with these: a policy that names one cannot be used.
    static func read(
        _ documents: [(stem: String, node: YAMLNode?)], log: DiagnosticLog
    ) -> (sets: NetworkSets, broken: [String: ConfigurationError]) {
        var rules: [String: [EgressRule]] = [:]
        var broken: [String: ConfigurationError] = [:]
        for document in documents {
            let own = DiagnosticLog()
            // A set with an error keeps its name: that it is named is no second error.
            rules[document.stem] = document.node.map { read($0, stem: document.stem, log: own) } ?? []
            if document.node == nil {
                own.add(ConfigurationDiagnostic(of: "networks/\(document.stem).yaml", "this set cannot be read"))
            } else {
                log.add(own)
            }
            broken[document.stem] = own.error
        }
        return (NetworkSets(rules: rules), broken)
    }

    private static func read(_ node: YAMLNode, stem: String, log: DiagnosticLog) -> [EgressRule] {
        guard let document = MappingReader(node, log: log) else { return [] }
        document.rejectKeys(notIn: ["version", "name", "description", "entries"])
        document.checkVersion()
        _ = document.name(ofFile: stem)
        _ = document.string("description", required: true)
        var rules: [EgressRule] = []
        for item in document.items("entries", required: true, maximumCount: maximumEntries) ?? [] {
            guard let entry = MappingReader(item.node, path: item.path, log: log) else { continue }
            entry.rejectKeys(notIn: ["host", "why"])
            _ = entry.string("why", required: true)
            guard let host = entry.string("host", required: true) else { continue }
            guard let rule = EgressRule(host.value) else {
                entry.reject("host", found: ConfigurationDiagnostic.quote(host.value), allowed: EgressRule.form)
                continue
            }
            if rules.contains(rule) {
                entry.reject("host", found: "\(ConfigurationDiagnostic.quote(host.value)) twice", allowed: "each once")
            }
            rules.append(rule)
        }
        return rules
    }
}
