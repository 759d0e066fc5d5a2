internal import ConfigurationFiles
internal import SandboxSpec

/// The key `network`: `none`, `loopback`, or `{egress: ["host:port"]}`, which is understood but not granted.
enum NetworkSetting {
    private static let allowed = "none or loopback"

    static func read(_ key: String, of document: MappingReader) -> Located<NetworkAccess>? {
        guard let node = document.value(key, required: false, allowed: allowed) else { return nil }
        switch node.content {
        case .mapping:
            egress(document.mapping(key))
            return nil
        case .scalar(let text, _):
            if let network = NetworkAccess(name: text) { return Located(network, at: node.location) }
            document.reject(
                key, found: node.found, allowed: allowed,
                hint: Suggestion.hint(for: text, among: ["none", "loopback", "egress"]))
            return nil
        case .sequence:
            document.reject(key, found: node.found, allowed: allowed)
            return nil
        }
    }

    /// Checks the shape, so that a file is right on the day egress can be enforced, and then refuses it: a rule that
    /// nothing enforces must not look as if it held.
    private static func egress(_ mapping: MappingReader?) {
        guard let mapping else { return }
        mapping.rejectKeys(notIn: ["egress"])
        guard let targets = mapping.strings("egress", required: true, maximumCount: 64, maximumBytes: 260) else {
            return
        }
        for (index, target) in targets.enumerated() where !isTarget(target.value) {
            mapping.log.add(
                at: target.location, key: "\(mapping.path(to: "egress"))[\(index)]",
                found: ConfigurationDiagnostic.quote(target.value),
                allowed: "host:port, such as pypi.org:443 or *.example.org:443")
        }
        mapping.reject(
            "egress", found: "egress, which this build cannot enforce", allowed: allowed)
    }

    /// `host:port` with a host of dotted labels, the first of which may be `*`, and a port of 1 to 65535.
    static func isTarget(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count <= 5, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(parts[1]), port > 0, parts[0].utf8.count <= 253
        else { return false }
        let labels = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return labels.enumerated().allSatisfy { index, label in
            if label == "*" { return index == 0 && labels.count > 1 }
            let letters = label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
            return letters && (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        }
    }
}
