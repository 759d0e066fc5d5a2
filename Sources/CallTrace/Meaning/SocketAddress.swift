/// A socket address as the program gave it to the kernel (`struct sockaddr`).
package struct SocketAddress: Sendable, Hashable {
    /// `192.0.2.1`, `2001:db8::1` without compression of zeros, or the path of a local socket.
    package let host: String
    /// 0 for local sockets.
    package let port: UInt16
    package let isLocal: Bool
    /// Whether it is the sandbox's own: a loopback or unspecified address, or a local socket.
    package let isOwn: Bool

    /// `host:port`, with brackets around addresses that have colons.
    package var description: String {
        if isLocal { return "unix:" + host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// - Returns: nil for families other than AF_UNIX, AF_INET and AF_INET6, and for addresses that are too short.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= 2 else { return nil }
        let family = UInt16(bytes[0]) | UInt16(bytes[1]) << 8
        switch family {
        case 1:
            let path = bytes[2...]
            // An abstract name begins with a NUL, which is shown as @; other names end with one.
            let isAbstract = path.first == 0 && path.count > 1
            let text = isAbstract ? path.dropFirst() : path.prefix { $0 != 0 }
            host = (isAbstract ? "@" : "") + ShownText.of(text)
            (port, isLocal, isOwn) = (0, true, true)
        case 2:
            guard bytes.count >= 8 else { return nil }
            host = bytes[4..<8].map(String.init).joined(separator: ".")
            (port, isLocal) = (UInt16(bytes[2]) << 8 | UInt16(bytes[3]), false)
            isOwn = bytes[4] == 127 || bytes[4..<8].allSatisfy { $0 == 0 }
        case 10:
            guard bytes.count >= 24 else { return nil }
            let address = Array(bytes[8..<24])
            let mapped = address[..<10].allSatisfy { $0 == 0 } && address[10] == 0xff && address[11] == 0xff
            if mapped {
                host = address[12...].map(String.init).joined(separator: ".")
                isOwn = address[12] == 127
            } else {
                host = stride(from: 0, to: 16, by: 2).map {
                    String(UInt16(address[$0]) << 8 | UInt16(address[$0 + 1]), radix: 16)
                }.joined(separator: ":")
                isOwn = address[..<15].allSatisfy { $0 == 0 } && address[15] <= 1
            }
            (port, isLocal) = (UInt16(bytes[2]) << 8 | UInt16(bytes[3]), false)
        default: return nil
        }
    }
}
