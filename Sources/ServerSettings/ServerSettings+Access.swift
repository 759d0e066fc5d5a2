package import EgressRules

extension ServerSettings {
    /// Who may use the service, from where, and the user it runs as.
    package struct Access: Sendable {
        /// When API keys are required.
        package enum Auth: String, Sendable, CaseIterable {
            /// Required unless only this machine can reach the address.
            case auto
            case required, off
        }

        package internal(set) var auth = Auth.auto
        /// Whether `off` is allowed on an address that others can reach.
        package internal(set) var isInsecure = false
        /// The user that nestboxd becomes when root starts it.
        package internal(set) var user = ""
        /// Names that a Host header may have; empty for all.
        package internal(set) var allowedHosts: [String] = []
        /// Origins whose pages may use the API.
        package internal(set) var corsOrigins: [String] = []
        /// Foreign origins that may open WebSockets.
        package internal(set) var webSocketOrigins: [String] = []
        /// Origins whose pages may show the playground in a frame.
        package internal(set) var embedOrigins: [String] = []
        /// Address blocks of proxies whose X-Forwarded-For is believed.
        package internal(set) var trustedProxies: [AddressBlock] = []
        /// The proxy by which programs with egress reach the world; nil for none.
        package internal(set) var egressProxy: ParentProxy?
    }

    /// Whether requests need a key.
    package var asksForKeys: Bool {
        switch access.auth {
        case .auto: !listen.address.isLoopback
        case .required: true
        case .off: false
        }
    }
}
