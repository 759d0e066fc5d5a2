internal import Digests
internal import Foundation

/// The opening handshake (RFC 6455, section 4).
package enum WebSocketHandshake {
    /// The accept value for a client's key; the constant is from section 1.3.
    package static func accept(_ key: String) -> String {
        let digest = DigestAlgorithm.sha1.digest(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    /// Whether a text is 16 bytes in base64: 24 characters, of which the last two are padding.
    package static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [UInt8(ascii: "="), UInt8(ascii: "=")] else { return false }
        return bytes.dropLast(2).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }
}
