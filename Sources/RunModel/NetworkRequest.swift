package import EgressRules
package import SandboxSpec

/// The network that a request asks for.
package struct NetworkRequest: Sendable, Equatable {
    package var access: NetworkAccess
    /// With `egress`: the hosts it asks for; nil for all that its policy gives.
    package var hosts: [EgressRule]?

    package init(_ access: NetworkAccess, hosts: [EgressRule]? = nil) {
        self.access = access
        self.hosts = hosts
    }

    /// The most hosts that one request may name.
    package static let maximumHosts = 64
    package static let allowed = "none, loopback, egress or {egress: [host:port]}"
}
