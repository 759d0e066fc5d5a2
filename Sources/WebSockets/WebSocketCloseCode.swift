/// Why a WebSocket ends (RFC 6455, section 7.4).
package struct WebSocketCloseCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Done.
    package static let normal = WebSocketCloseCode(rawValue: 1000)
    /// The service is stopping.
    package static let goingAway = WebSocketCloseCode(rawValue: 1001)
    /// The peer violated RFC 6455.
    package static let protocolError = WebSocketCloseCode(rawValue: 1002)
    /// A kind of message that is not accepted.
    package static let unsupportedData = WebSocketCloseCode(rawValue: 1003)
    /// Text that is not UTF-8.
    package static let invalidData = WebSocketCloseCode(rawValue: 1007)
    /// Too many messages or pings, or silence for too long.
    package static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    package static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
    /// No memory for now.
    package static let tryAgainLater = WebSocketCloseCode(rawValue: 1013)

    /// Whether the code may be sent: the registered ones for close frames, and those for libraries and applications.
    package var isValid: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
