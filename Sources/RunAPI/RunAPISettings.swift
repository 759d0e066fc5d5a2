/// What this API can be told, with the defaults of docs/configuration.md.
package struct RunAPISettings: Sendable {
    /// Where the page, the JavaScript client and the contract are.
    package var webDirectory: String
    /// Debian's libjs-codemirror; the page works without.
    package var codeMirrorDirectory = "/usr/share/javascript/codemirror"
    /// Bytes of a request body.
    package var maximumBody = 8_388_608
    /// Bytes of a WebSocket message.
    package var maximumMessage = 8_388_608
    package var messagesPerSecond = 200
    /// Runs one socket may follow at the same time.
    package var maximumRunsPerSocket = 64
    package var version = "dev"

    package init(webDirectory: String) {
        self.webDirectory = webDirectory
    }
}
