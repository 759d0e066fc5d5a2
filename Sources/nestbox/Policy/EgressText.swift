internal import ConfigurationFiles
internal import EgressRules
internal import Policies

/// What a policy lets programs reach outside, in words.
enum EgressText {
    /// Nothing for a policy without egress.
    static func lines(_ network: PolicyNetwork) -> [String] {
        var lines: [String] = []
        if let own = network.egress { lines += ["reaches, of itself"] + Self.lines(own) }
        if let most = network.egressCeiling, most != network.egress {
            lines += ["reaches, when a request asks for it"] + Self.lines(most)
        }
        if !lines.isEmpty, !network.sets.isEmpty {
            lines.append("with the hosts of \(network.sets.joined(separator: ", "))")
        }
        return lines
    }

    private static func lines(_ grant: EgressGrant) -> [String] {
        let bytes = Quantity.format(grant.bytes, as: .bytes)
        return grant.rules.map { "  \($0)" }
            + grant.privateRanges.map { "  \($0), although it is not public" }
            + ["  \(grant.connections) connections at a time, \(bytes) in all"]
    }
}
