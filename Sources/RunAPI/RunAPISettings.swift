/// The settings of this API, with the defaults of docs/configuration.md.
package struct RunAPISettings: Sendable {
    /// The directory of the page, the JavaScript client and the contract.
    package var webDirectory: String
    /// Debian's libjs-codemirror; the page works without it.
    package var codeMirrorDirectory = "/usr/share/javascript/codemirror"
    /// Bytes of a request body.
    package var maximumBody = 8_388_608
    /// Bytes of a WebSocket message.
    package var maximumMessage = 8_388_608
    package var messagesPerSecond = 200
    /// The most runs that one socket may follow concurrently.
    package var maximumRunsPerSocket = 64
    package var version = "dev"

    package init(webDirectory: String) {
        self.webDirectory = webDirectory
    }
}
