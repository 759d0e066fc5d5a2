package import WebSockets

/// What the gateway can be told, with the defaults of docs/configuration.md.
package struct GatewaySettings: Sendable {
    /// Where the page, the JavaScript client and the contract are.
    package var webFolder: String
    /// Debian's libjs-codemirror; the page works without.
    package var codeMirrorFolder = "/usr/share/javascript/codemirror"
    /// Bytes of a request body.
    package var maximumBody = 8_388_608
    /// Bytes of a WebSocket message.
    package var maximumMessage = 8_388_608
    /// What all bodies and messages that are on their way may take together.
    package var memory = ByteBudget(268_435_456)
    package var messagesPerSecond = 200
    /// Runs one socket may follow at once.
    package var maximumRunsPerSocket = 64
    package var isTLS = false
    /// Origins whose pages may show ours in a frame.
    package var embedOrigins: [String] = []
    package var version = "dev"

    package init(webFolder: String) {
        self.webFolder = webFolder
    }
}
