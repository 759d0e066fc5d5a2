internal import EgressRules
internal import SandboxSpec

/// What the program wanted of a network, and which one would give it.
struct NetworkAdvice {
    var changes: [PolicyAdvice.Change] = []
    var hints: [String] = []

    /// The family of a socket that `network: loopback` allows: TCP and UDP.
    static func internetFamily(_ call: TraceLog.Call) -> String? {
        guard let family = call.arguments.first(where: { $0.name == "domain" })?.value,
            ["AF_INET", "AF_INET6"].contains(family),
            let type = call.arguments.first(where: { $0.name == "type" })?.value,
            type.hasPrefix("SOCK_STREAM") || type.hasPrefix("SOCK_DGRAM")
        else { return nil }
        return family
    }

    init(_ log: TraceLog, _ rules: TracedRules) {
        let sockets = log.calls.entries.compactMap { Self.internetFamily($0.value) }
        let hosts = log.destinations.entries.map(\.value)
        let places = Self.egressPlaces(hosts).filter { !rules.egress.contains($0) }
        if !places.isEmpty {
            changes.append(
                PolicyAdvice.Change(
                    key: "network", value: "egress: " + (rules.egress + places).joined(separator: ", "),
                    because: places,
                    danger: "the program reaches hosts outside, and can send them what it knows (docs/network.md)"))
        } else if !sockets.isEmpty, !rules.network.hasSockets {
            changes.append(
                PolicyAdvice.Change(
                    key: "network", value: "loopback", because: Set(sockets).sorted().map { "sockets of \($0)" },
                    danger: nil))
            let how =
                rules.networkCeiling.hasSockets
                ? "trace again with --network loopback" : "trace again under a policy with network: loopback"
            hints.append("where it wanted to connect to is not known, since it got no socket: \(how)")
        }
        for name in hosts where name.kind == .name {
            hints.append(
                "it asked for the address of \(name.place); with egress, programs reach a name by the proxy, and its port "
                    + "has to be named: \(name.place):443")
        }
    }

    /// What was wanted, in the form of policies. A name alone has no port, so it is none.
    private static func egressPlaces(_ destinations: [TraceLog.Destination]) -> [String] {
        var places: [String] = []
        for destination in destinations where destination.kind != .name {
            guard let rule = EgressRule(destination.place) else { continue }
            if !places.contains(rule.description) { places.append(rule.description) }
        }
        return places
    }
}
