extension ServerSettings {
    /// Where the service accepts connections, and their protocols.
    package struct Listen: Sendable {
        /// An IP address and a port.
        package struct Address: Sendable, Equatable {
            /// An IP address, without brackets: no resolver is needed.
            package let host: String
            /// 0 for any free port.
            package let port: Int

            /// Whether only this machine can reach it.
            package var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }
        }

        package internal(set) var address = Address(host: "127.0.0.1", port: 8080)
        /// The PEM file of the certificate chain; empty without TLS.
        package internal(set) var certificate = ""
        /// The PEM file of its private key; empty without TLS.
        package internal(set) var key = ""
        /// Whether WebSocket messages are compressed where clients offer it.
        package internal(set) var compressesMessages = true

        package var isTLS: Bool { !certificate.isEmpty }
    }
}
