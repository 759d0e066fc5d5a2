/// Another proxy, by which alone this machine reaches the world: HTTP, with or without a password.
package struct ParentProxy: Sendable, Equatable {
    package let target: EgressTarget
    /// The value of `Proxy-Authorization`.
    let authorization: String?

    /// How it is written, for error messages.
    package static let form = "http://[user:password@]host:port"

    /// Reads `http://host:port` or `http://user:password@host:port`; nil for anything else.
    package init?(_ text: String) {
        let scheme = "http://"
        guard text.lowercased().hasPrefix(scheme) else { return nil }
        var rest = text.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        if let at = rest.lastIndex(of: "@") {
            guard let user = Self.unescaped(rest[..<at]), user.contains(UInt8(ascii: ":")) else { return nil }
            authorization = "Basic \(Self.base64(user))"
            rest = rest[rest.index(after: at)...]
        } else {
            authorization = nil
        }
        guard let target = EgressTarget(String(rest)) else { return nil }
        self.target = target
    }

    /// Asks it for a connection.
    package func connect(_ wanted: EgressTarget) -> [UInt8] {
        let login = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        return Array("CONNECT \(wanted) HTTP/1.1\r\nHost: \(wanted)\r\n\(login)\r\n".utf8)
    }

    /// The head of a request, with the password.
    package func login(_ head: [UInt8]) -> [UInt8] {
        guard let authorization else { return head }
        return Array(head.dropLast(2)) + Array("Proxy-Authorization: \(authorization)\r\n\r\n".utf8)
    }

    private static func unescaped(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                guard byte > 0x20, byte < 0x7F else { return nil }
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? digits[value >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
