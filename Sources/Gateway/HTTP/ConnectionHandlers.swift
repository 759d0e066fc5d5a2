package import NIOCore

/// Handlers of one connection that the gateway itself needs.
package enum ConnectionHandlers {
    package static func make() -> [any RemovableChannelHandler] { [Disconnect()] }
}
