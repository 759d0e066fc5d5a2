internal import EgressRules
internal import SandboxSpec
internal import StrictJSON

extension ObjectReader {
    /// The member `network`: a word, or an object with the hosts that are asked for. Nil when there is none, or something else, which
    /// is noted.
    package func network(_ key: String = "network") -> NetworkRequest? {
        switch value(key) {
        case nil: return nil
        case .string(let text)?:
            if let access = NetworkAccess(name: text) { return NetworkRequest(access) }
            complain(key, "is \"\(Self.shown(text, 32))\", expected is \(NetworkRequest.allowed)")
            return nil
        case .object(let object)?: return nested(key, object) { $0.hosts() }.map { NetworkRequest(.egress, hosts: $0) }
        case let value?:
            complain(key, "is \(value.typeName), expected is \(NetworkRequest.allowed)")
            return nil
        }
    }

    private func hosts() -> [EgressRule]? {
        guard let texts = strings("egress") else {
            if value("egress") == nil { complain("egress", "is missing, expected is a list of host:port") }
            return nil
        }
        guard (1...NetworkRequest.maximumHosts).contains(texts.count) else {
            complain("egress", "has \(texts.count) elements, allowed are 1 to \(NetworkRequest.maximumHosts)")
            return nil
        }
        let rules = texts.enumerated().compactMap { index, text in
            let rule = EgressRule(text)
            if rule == nil {
                complain("egress[\(index)]", "is \"\(Self.shown(text))\", expected is \(EgressRule.form)")
            }
            return rule
        }
        return rules.count == texts.count ? rules : nil
    }
}
