internal import HTTPTypes

/// The first line of a request (RFC 9112, section 3).
struct HTTPRequestLine: Sendable {
    let method: HTTPRequest.Method
    let target: HTTPTarget
    /// 0 or 1: of HTTP/1.
    let minor: Int

    init(_ line: [UInt8], _ bounds: HTTPRequestBounds) throws(HTTPRefusal) {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw HTTPRefusal(400, "a request line is a method, a target and a version, one space between them")
        }
        guard !parts[0].isEmpty, parts[0].allSatisfy(HTTPBytes.isToken) else {
            throw HTTPRefusal(400, "the method is no token")
        }
        guard parts[0].count <= 32, let method = HTTPRequest.Method(String(decoding: parts[0], as: UTF8.self)) else {
            throw HTTPRefusal(501, "the method is not known")
        }
        minor = try Self.version(parts[2])
        guard parts[1].count <= bounds.targetBytes else { throw HTTPRefusal(414, "the target is too long") }
        guard !parts[1].isEmpty, parts[1].allSatisfy(HTTPBytes.isTarget) else {
            throw HTTPRefusal(400, "the target has a byte that no URI has")
        }
        self.method = method
        target = try HTTPTarget(String(decoding: parts[1], as: UTF8.self), method)
    }

    /// A higher minor version is treated as 1.1 (RFC 9110, section 2.5).
    private static func version(_ text: ArraySlice<UInt8>) throws(HTTPRefusal) -> Int {
        let bytes = Array(text)
        guard bytes.count == 8, bytes.starts(with: Array("HTTP/".utf8)), bytes[6] == UInt8(ascii: "."),
            (0x30...0x39).contains(bytes[5]), (0x30...0x39).contains(bytes[7])
        else { throw HTTPRefusal(400, "the version is not HTTP/1.0 or HTTP/1.1") }
        guard bytes[5] == UInt8(ascii: "1") else { throw HTTPRefusal(505, "only HTTP/1 is spoken here") }
        return bytes[7] == UInt8(ascii: "0") ? 0 : 1
    }
}

/// The target of a request (RFC 9112, section 3.2).
struct HTTPTarget: Sendable, Equatable {
    /// With the query; `*` for the server as a whole.
    let path: String
    /// Of a target in absolute form.
    let authority: String?

    init(_ text: String, _ method: HTTPRequest.Method) throws(HTTPRefusal) {
        guard method != .connect else { throw HTTPRefusal(405, "this is no proxy: there is no CONNECT") }
        if text.hasPrefix("/") {
            (path, authority) = (text, nil)
            return
        }
        if text == "*" {
            guard method == .options else { throw HTTPRefusal(400, "the target * is for OPTIONS alone") }
            (path, authority) = (text, nil)
            return
        }
        for scheme in ["http://", "https://"] where text.prefix(scheme.utf8.count).lowercased() == scheme {
            let rest = text.dropFirst(scheme.utf8.count)
            let name = rest.prefix { $0 != "/" && $0 != "?" }
            guard !name.isEmpty, name.utf8.allSatisfy(HTTPBytes.isHost) else { break }
            let path = rest[name.endIndex...]
            self.path = path.hasPrefix("/") ? String(path) : "/" + path
            authority = String(name)
            return
        }
        throw HTTPRefusal(400, "the target is neither a path nor an http URI")
    }
}

/// One line of a head or of trailers (RFC 9112, section 5).
enum HTTPFieldLine {
    static func parse(_ line: [UInt8]) throws(HTTPRefusal) -> HTTPField {
        if let first = line.first, HTTPBytes.isBlank(first) { throw HTTPRefusal(400, "a folded header field") }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw HTTPRefusal(400, "a header field without a colon")
        }
        let bytes = line[..<colon]
        guard !bytes.isEmpty, bytes.allSatisfy(HTTPBytes.isToken),
            let name = HTTPField.Name(String(decoding: bytes, as: UTF8.self))
        else { throw HTTPRefusal(400, "the name of a header field is no token") }
        let value = HTTPBytes.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(HTTPBytes.isValue) else {
            throw HTTPRefusal(400, "a control character in a header field")
        }
        return HTTPField(name: name, value: String(decoding: value, as: UTF8.self))
    }
}
