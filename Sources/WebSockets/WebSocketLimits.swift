package import NIOCore

/// Limits for one peer.
package struct WebSocketLimits: Sendable {
    /// The most bytes of a message, all fragments together.
    package var maximumMessageBytes = 8_388_608
    package var maximumFragments = 1024
    /// Pings and pongs of the peer in any ten seconds.
    package var maximumControlFrames = 200
    /// Silence after which the peer is pinged.
    package var pingInterval = TimeAmount.seconds(30)
    /// Silence after which the connection is closed with 1008.
    package var idleLimit = TimeAmount.seconds(60)
    /// How long the peer may take to answer a close frame.
    package var closeTimeout = TimeAmount.seconds(5)
    /// How long a peer may not read while data waits; then the connection is closed.
    package var sendTimeout = TimeAmount.seconds(30)

    /// Whether compression is offered or accepted (RFC 7692).
    package var compresses = true
    /// Messages of fewer bytes are sent uncompressed: compressed by themselves they hardly become shorter.
    package var leastCompressed = 256
    /// Messages of more bytes are sent uncompressed: compressing them would delay all other sockets of the thread.
    package var mostCompressed = 1_048_576
    /// The most decompressed bytes of the peer's messages in any ten seconds.
    package var maximumInflatedBytes = 134_217_728
    /// Bytes that a peer may send during the close, before the connection is ended.
    package var lingerBytes = 67_108_864
    /// The memory that incomplete messages of many connections share; nil for no bound but that of each.
    package var memory: ByteBudget?

    package init() {}
}
