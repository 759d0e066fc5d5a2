internal import EgressRules
internal import Foundation

/// Whether programs with egress can reach anything from here: a proxy, or a route and a resolver.
enum EgressChecks {
    static func findings() -> [Finding] {
        let proxy = ProcessInfo.processInfo.environment["NESTBOX_EGRESS_PROXY"] ?? ""
        if !proxy.isEmpty {
            return [
                Finding(
                    "egress", ParentProxy(proxy) != nil, found: "NESTBOX_EGRESS_PROXY", otherwise: .degraded,
                    consequence: "nestbox run refuses programs with egress",
                    remedy: "set it to \(ParentProxy.form), or not at all")
            ]
        }
        var missing: [String] = []
        if !hasRoute { missing.append("no default route") }
        if !hasResolver { missing.append("no nameserver in /etc/resolv.conf") }
        return [
            Finding(
                "egress", missing.isEmpty,
                found: missing.isEmpty ? "a default route and a nameserver" : missing.joined(separator: ", "),
                otherwise: .degraded,
                consequence: "programs whose policy has network: {egress: …} reach nothing by name",
                remedy: "configure the network, or name a proxy: egress_proxy in nestbox.yaml, NESTBOX_EGRESS_PROXY")
        ]
    }

    /// The kernel's tables: a destination of zeros, up, of version 4 or 6.
    private static var hasRoute: Bool {
        let four = KernelChecks.text("/proc/net/route").split(separator: "\n").dropFirst().contains { line in
            let words = line.split(separator: "\t")
            return words.count > 7 && words[1] == "00000000" && words[7] == "00000000"
        }
        let six = KernelChecks.text("/proc/net/ipv6_route").split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.count > 9 && words[0].allSatisfy { $0 == "0" } && words[1] == "00" && words[9] != "lo"
        }
        return four || six
    }

    private static var hasResolver: Bool {
        KernelChecks.text("/etc/resolv.conf").split(separator: "\n").contains { $0.hasPrefix("nameserver") }
    }
}
