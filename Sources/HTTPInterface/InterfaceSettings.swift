package import WebSockets

/// What all APIs of a listener have in common.
package struct InterfaceSettings: Sendable {
    package var isTLS = false
    /// Origins whose pages may show ours in a frame.
    package var embedOrigins: [String] = []
    /// What all bodies and messages that are on their way may take together.
    package var memory = ByteBudget(268_435_456)

    package init() {}
}
