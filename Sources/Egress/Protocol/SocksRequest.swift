package import EgressRules

/// SOCKS5 as far as it is spoken here: no authentication, CONNECT (RFC 1928). Pure.
package enum SocksRequest {
    package static let version: UInt8 = 5

    package enum Greeting: Equatable {
        case more, wrong
        /// How many bytes it has.
        case done(Int)
    }

    /// The client's greeting: version, and the ways of authentication that it offers, of which "none" has to be one.
    package static func greeting(_ bytes: [UInt8]) -> Greeting {
        guard bytes.count >= 2 else { return .more }
        let count = 2 + Int(bytes[1])
        guard bytes[0] == version, bytes[1] > 0 else { return .wrong }
        guard bytes.count >= count else { return .more }
        return bytes[2..<count].contains(0) ? .done(count) : .wrong
    }

    package enum Request: Equatable {
        case more
        /// The reply that says what is wrong.
        case wrong(UInt8)
        case done(EgressTarget, Int)
    }

    /// The client's request.
    package static func read(_ bytes: [UInt8]) -> Request {
        guard bytes.count >= 5 else { return .more }
        guard bytes[0] == version, bytes[2] == 0 else { return .wrong(1) }
        guard bytes[1] == 1 else { return .wrong(7) }
        let length: Int
        switch bytes[3] {
        case 1: length = 4
        case 3: length = 1 + Int(bytes[4])
        case 4: length = 16
        default: return .wrong(8)
        }
        let end = 4 + length
        guard bytes.count >= end + 2 else { return .more }
        let port = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
        let host: EgressHost?
        if bytes[3] == 3 {
            host = EgressHost(String(decoding: bytes[5..<end], as: UTF8.self))
        } else {
            host = IPAddress(bytes: Array(bytes[4..<end])).map { .address($0) }
        }
        guard let host, port > 0 else { return .wrong(1) }
        return .done(EgressTarget(host: host, port: port), end + 2)
    }

    /// A reply; 0 says that it is connected. The address in it is left open.
    package static func reply(_ code: UInt8) -> [UInt8] { [version, code, 0, 1, 0, 0, 0, 0, 0, 0] }
}
