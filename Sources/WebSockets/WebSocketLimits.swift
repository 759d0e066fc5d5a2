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

    /// Whether compression is offered or accepted (RFC 7692).
    package var compresses = true
    /// Messages of fewer bytes are sent as they are: compressed by themselves they hardly get shorter.
    package var leastCompressed = 256
    /// Messages of more bytes are sent as they are: they would hold up all other sockets of the thread.
    package var mostCompressed = 1_048_576
    /// Bytes that compressed messages of the peer may become in any ten seconds.
    package var maximumInflatedBytes = 134_217_728
    /// Bytes that a peer may send while its close is under way, before the connection is cut.
    package var lingerBytes = 67_108_864
    /// Memory that unfinished messages share with others; nil for no bound but that of each.
    package var memory: ByteBudget?

    package init() {}
}
