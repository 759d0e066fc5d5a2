extension ServerSettings {
    /// Who may use the service, from where, and as which user it does its work.
    package struct Access: Sendable {
        /// When API keys are asked for.
        package enum Auth: String, Sendable, CaseIterable {
            /// Unless only this machine can reach the address.
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
        /// Origins whose pages may show ours in a frame.
        package internal(set) var embedOrigins: [String] = []
        /// Blocks of addresses whose X-Forwarded-For counts.
        package internal(set) var trustedProxies: [AddressBlock] = []
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
