package import WebSockets

/// The settings that all APIs of a listener share.
package struct InterfaceSettings: Sendable {
    package var isTLS = false
    /// Origins whose pages may show pages of this service in a frame.
    package var embedOrigins: [String] = []
    /// The memory that all incomplete bodies and messages may use together.
    package var memory = ByteBudget(268_435_456)

    package init() {}
}
