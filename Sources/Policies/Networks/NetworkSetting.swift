internal import ConfigurationFiles
internal import EgressRules
internal import SandboxSpec

/// The key `network`: `none`, `loopback`, or `{egress: ["host:port", set, …]}` with bounds of its own.
struct NetworkSetting {
    let access: NetworkAccess
    /// Of `egress` alone.
    var grant: EgressGrant?
    /// The named sets whose rules are in the grant.
    var sets: [String] = []

    static let allowed = "none, loopback or {egress: [host:port, SET]}"

    /// - Parameter sets: those that are known.
    static func read(_ key: String, of document: MappingReader, sets: NetworkSets) -> Located<NetworkSetting>? {
        guard let node = document.value(key, required: false, allowed: allowed) else { return nil }
        switch node.content {
        case .mapping:
            return document.mapping(key).flatMap { egress($0, sets) }.map { Located($0, at: node.location) }
        case .scalar(let text, _):
            if let access = NetworkAccess(name: text), access != .egress {
                return Located(NetworkSetting(access: access), at: node.location)
            }
            document.reject(
                key, found: node.found, allowed: allowed,
                hint: Suggestion.hint(for: text, among: ["none", "loopback"]))
            return nil
        case .sequence:
            document.reject(key, found: node.found, allowed: allowed)
            return nil
        }
    }

    private static func egress(_ mapping: MappingReader, _ sets: NetworkSets) -> NetworkSetting? {
        let before = mapping.log.count
        mapping.rejectKeys(notIn: ["egress", "allow_private", "connections", "bytes"])
        let targets = mapping.strings("egress", required: true, maximumCount: 64, maximumBytes: 260) ?? []
        if targets.isEmpty, mapping.contains("egress"), mapping.log.count == before {
            mapping.reject("egress", found: "an empty list", allowed: "at least one host:port or set")
        }
        var rules: [EgressRule] = []
        var named: [String] = []
        for (index, target) in targets.enumerated() {
            let path = "\(mapping.path(to: "egress"))[\(index)]"
            let found = entry(target, path: path, sets, mapping.log)
            if target.value.utf8.contains(UInt8(ascii: ":")) == false { named.append(target.value) }
            for rule in found where !rules.contains(rule) { rules.append(rule) }
        }
        if rules.count > EgressGrant.maximumRules {
            mapping.reject(
                "egress", found: "\(rules.count) rules with those of the sets",
                allowed: "at most \(EgressGrant.maximumRules)")
        }
        let ranges = privateRanges(mapping)
        let connections = mapping.integer("connections", in: EgressGrant.connectionsRange)
        let bytes = mapping.quantity("bytes", as: .bytes, in: EgressGrant.bytesRange)
        guard mapping.log.count == before else { return nil }
        let grant = EgressGrant(
            rules: rules, privateRanges: ranges,
            connections: Int(connections?.value ?? EgressGrant.usualConnections),
            bytes: bytes?.value ?? EgressGrant.usualBytes)
        return NetworkSetting(access: .egress, grant: grant, sets: named)
    }

    /// The rules of one entry: with a colon a rule of its own, without one the name of a set.
    private static func entry(
        _ entry: Located<String>, path: String, _ sets: NetworkSets, _ log: DiagnosticLog
    ) -> [EgressRule] {
        if let rule = EgressRule(entry.value) { return [rule] }
        let quoted = ConfigurationDiagnostic.quote(entry.value)
        guard MappingReader.isName(entry.value) else {
            log.add(at: entry.location, key: path, found: quoted, allowed: "\(EgressRule.form), or the name of a set")
            return []
        }
        if let rules = sets.rules(of: entry.value) { return rules }
        log.add(
            at: entry.location, key: path, found: "the unknown set \(quoted)",
            allowed: sets.names.isEmpty ? "host:port: there is no set" : Suggestion.list(sets.names, of: "sets"),
            hint: Suggestion.hint(for: entry.value, among: sets.names))
        return []
    }

    private static func privateRanges(_ mapping: MappingReader) -> [PrivateRange] {
        let texts =
            mapping.strings(
                "allow_private", maximumCount: EgressGrant.maximumPrivateRanges, maximumBytes: 64) ?? []
        return texts.enumerated().compactMap { index, text in
            if let range = PrivateRange(text.value) { return range }
            mapping.log.add(
                at: text.location, key: "\(mapping.path(to: "allow_private"))[\(index)]",
                found: ConfigurationDiagnostic.quote(text.value), allowed: PrivateRange.form)
            return nil
        }
    }
}
