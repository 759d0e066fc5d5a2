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

            package init(host: String, port: Int) {
                self.host = host
                self.port = port
            }
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

    /// The service got its sockets from others: it listens where they do, and not on the address of the settings. The address becomes one
    /// that others can reach, if there is one: access depends on it.
    ///
    /// - Parameter addresses: at least one.
    /// - Throws: `SettingsError` when the settings do not allow it.
    package mutating func listen(on addresses: [Listen.Address]) throws(SettingsError) {
        guard let address = addresses.first(where: { !$0.isLoopback }) ?? addresses.first else { return }
        listen.address = address
        if access.auth == .off, !address.isLoopback, !access.isInsecure {
            throw SettingsError(diagnostics: [
                "auth: found off, allowed with insecure_no_auth: true only, since others can reach \(address.host), where "
                    + "a socket that was passed on listens"
            ])
        }
    }
}
