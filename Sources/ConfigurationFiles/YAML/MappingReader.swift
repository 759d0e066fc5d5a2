/// Reads the keys of one mapping by type and notes every error in a `DiagnosticLog`.
///
/// An accessor returns nil both for a key that is absent and for one that is wrong; the log tells them apart, and a
/// caller that goes on to build a value asks `DiagnosticLog.throwIfAny` first.
package struct MappingReader {
    package let entries: [YAMLNode.Entry]
    package let location: SourceLocation
    /// The key path of the mapping itself; empty for a document.
    package let path: String
    package let log: DiagnosticLog

    /// Nil, with an error in the log, if `node` is no mapping.
    package init?(_ node: YAMLNode, path: String = "", log: DiagnosticLog) {
        guard case .mapping(let entries) = node.content else {
            log.add(at: node.location, key: path, found: node.found, allowed: "a mapping (key: value)")
            return nil
        }
        self.entries = entries
        self.location = node.location
        self.path = path
        self.log = log
    }

    /// The full path of a key of this mapping.
    package func path(to key: String) -> String {
        let shown = YAMLConverter.shown(key)
        return path.isEmpty ? shown : "\(path).\(shown)"
    }

    package func entry(_ key: String) -> YAMLNode.Entry? {
        entries.first { $0.key == key }
    }

    /// Whether the key is written down, with whatever value.
    package func contains(_ key: String) -> Bool { entry(key) != nil }

    /// Notes an error about the value of `key`, or about its absence.
    package func reject(_ key: String, found: String, allowed: String, hint: String? = nil) {
        let place = entry(key)?.value.location ?? location
        log.add(at: place, key: path(to: key), found: found, allowed: allowed, hint: hint)
    }

    /// Notes every key that is not one of `known`.
    package func rejectKeys(notIn known: [String]) {
        for entry in entries where !known.contains(entry.key) {
            log.add(
                at: entry.keyLocation, key: path(to: entry.key), found: "an unknown key",
                allowed: known.joined(separator: ", "), hint: Suggestion.hint(for: entry.key, among: known))
        }
    }

    /// The value of `key` if it has one; notes a key without a value, and an absent key if it is required.
    package func value(_ key: String, required: Bool, allowed: String) -> YAMLNode? {
        guard let entry = entry(key) else {
            if required { log.add(at: location, key: path(to: key), found: "nothing", allowed: allowed) }
            return nil
        }
        guard !entry.value.isNull else {
            log.add(at: entry.value.location, key: path(to: key), found: "nothing", allowed: allowed)
            return nil
        }
        return entry.value
    }

    /// The nested mapping at `key`.
    package func mapping(_ key: String, required: Bool = false) -> MappingReader? {
        guard let node = value(key, required: required, allowed: "a mapping (key: value)") else { return nil }
        return MappingReader(node, path: path(to: key), log: log)
    }

    /// The items at `key`, each with its own key path; an empty list is a value, not an absence.
    package func items(
        _ key: String, required: Bool = false, maximumCount: Int = 1024
    ) -> [(node: YAMLNode, path: String)]? {
        guard let node = value(key, required: required, allowed: "a list") else { return nil }
        guard case .sequence(let items) = node.content else {
            log.add(at: node.location, key: path(to: key), found: node.found, allowed: "a list")
            return nil
        }
        guard items.count <= maximumCount else {
            log.add(
                at: node.location, key: path(to: key), found: node.found, allowed: "a list of at most \(maximumCount)")
            return nil
        }
        return items.enumerated().map { ($0.element, "\(path(to: key))[\($0.offset)]") }
    }
}
