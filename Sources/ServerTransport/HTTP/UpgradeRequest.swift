internal import HTTPTypes
internal import WebSockets

/// The server's half of the opening handshake of a WebSocket (RFC 6455, section 4.2).
enum UpgradeRequest {
    /// The requirements on a client's request, besides being a GET of HTTP/1.1 with `Connection: Upgrade` and no body.
    static func isComplete(_ fields: HTTPFields) -> Bool {
        let keys = fields[values: .secWebSocketKey]
        return ParsedHead.tokens(fields[values: .upgrade]).contains("websocket") && keys.count == 1
            && keys.allSatisfy(WebSocketHandshake.isKey) && fields[values: .secWebSocketVersion] == ["13"]
    }

    /// The head of the response that upgrades.
    static func answer(_ request: HTTPRequest, subprotocol: String?, extensions: String?) -> String {
        let key = request.headerFields[.secWebSocketKey] ?? ""
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(WebSocketHandshake.accept(key))",
        ]
        if let subprotocol { lines.append("Sec-WebSocket-Protocol: \(subprotocol)") }
        if let extensions { lines.append("Sec-WebSocket-Extensions: \(extensions)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}
