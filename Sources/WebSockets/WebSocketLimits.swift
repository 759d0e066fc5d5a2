package import NIOCore

/// What one peer may cost.
package struct WebSocketLimits: Sendable {
    /// Of a message, all fragments together.
    package var maximumMessageBytes = 8_388_608
    package var maximumFragments = 1024
    /// Pings and pongs of the peer in any ten seconds.
    package var maximumControlFrames = 200
    /// Silence after which the peer is asked whether it is there.
    package var pingInterval = TimeAmount.seconds(30)
    /// Silence after which it is gone: closed with 1008.
    package var idleLimit = TimeAmount.seconds(60)
    /// How long the peer may take to answer a close frame.
    package var closeTimeout = TimeAmount.seconds(5)
    /// How long nothing may go out to a peer that does not read; then the connection is cut.
    package var sendTimeout = TimeAmount.seconds(30)

    package init() {}
}
