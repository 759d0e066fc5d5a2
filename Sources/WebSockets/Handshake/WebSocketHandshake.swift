internal import Digests
internal import Foundation
internal import HTTPTypes

/// The opening handshake (RFC 6455, section 4).
enum WebSocketHandshake {
    /// What a client's request must have, besides being a GET of HTTP/1.1 with `Connection: Upgrade` and no body.
    static func isRequest(_ fields: HTTPFields) -> Bool {
        let keys = fields[values: .secWebSocketKey]
        return ParsedHead.tokens(fields[values: .upgrade]).contains("websocket") && keys.count == 1
            && keys.allSatisfy(isKey) && fields[values: .secWebSocketVersion] == ["13"]
    }

    /// 16 bytes in base64 are 24 characters, of which the last two are padding.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes.suffix(2) == [UInt8(ascii: "="), UInt8(ascii: "=")] else { return false }
        return bytes.dropLast(2).allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "+"), UInt8(ascii: "/"): true
            default: false
            }
        }
    }

    /// The answer to a key: the constant is that of section 1.3.
    static func accept(_ key: String) -> String {
        let digest = DigestAlgorithm.sha1.digest(of: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    /// The head of the answer that upgrades.
    static func answer(_ request: HTTPRequest, subprotocol: String?, extensions: String?) -> String {
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(accept(request.headerFields[.secWebSocketKey] ?? ""))",
        ]
        if let subprotocol { lines.append("Sec-WebSocket-Protocol: \(subprotocol)") }
        if let extensions { lines.append("Sec-WebSocket-Extensions: \(extensions)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}
