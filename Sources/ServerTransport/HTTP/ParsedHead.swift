package import HTTPTypes

/// The head of a request, and the framing and connection options it declares.
package struct ParsedHead: Sendable {
    package enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    /// `host` is its authority, not a field.
    package let request: HTTPRequest
    package let minor: Int
    package let framing: Framing
    /// Whether the client wants to keep the connection after the response.
    package let keepsAlive: Bool
    /// Whether the client sends its body only after `100 Continue`.
    package let expectsContinue: Bool
    /// Whether it asks for a WebSocket, correctly and completely (RFC 6455, section 4.2.1).
    package let isUpgrade: Bool

    init(_ line: HTTPRequestLine, _ fields: [HTTPField]) throws(HTTPRefusal) {
        let hosts = fields.filter { $0.name.canonicalName == "host" }.map(\.value)
        let authority = try Self.authority(hosts, line)
        var rest = HTTPFields()
        rest.reserveCapacity(fields.count)
        for field in fields where field.name.canonicalName != "host" { rest.append(field) }
        request = HTTPRequest(
            method: line.method, scheme: "http", authority: authority, path: line.target.path, headerFields: rest)
        minor = line.minor
        framing = try Self.framing(rest, line.minor)
        let connection = Self.tokens(rest[values: .connection])
        keepsAlive =
            line.minor == 0
            ? connection.contains("keep-alive") && !connection.contains("close") : !connection.contains("close")
        let expectations = line.minor == 0 ? [] : rest[values: .expect].map { $0.lowercased() }
        guard expectations.allSatisfy({ $0 == "100-continue" }) else {
            throw HTTPRefusal(417, "the only expectation that can be met is 100-continue")
        }
        expectsContinue = !expectations.isEmpty && framing != .none && framing != .length(0)
        isUpgrade =
            line.method == .get && line.minor == 1 && connection.contains("upgrade")
            && (framing == .none || framing == .length(0)) && UpgradeRequest.isComplete(rest)
    }

    /// Exactly one Host, equal to that of an absolute target (RFC 9112, sections 3.2 and 3.2.2).
    private static func authority(_ hosts: [String], _ line: HTTPRequestLine) throws(HTTPRefusal) -> String? {
        guard hosts.count <= 1 else { throw HTTPRefusal(400, "more than one Host") }
        guard let host = hosts.first else {
            guard line.minor == 0 else { throw HTTPRefusal(400, "no Host") }
            return line.target.authority
        }
        guard host.utf8.allSatisfy(HTTPBytes.isHost) else { throw HTTPRefusal(400, "the Host is no name of a host") }
        if let authority = line.target.authority, authority.lowercased() != host.lowercased() {
            throw HTTPRefusal(400, "the target names another host than Host does")
        }
        return host
    }

    /// The length of the body (RFC 9112, section 6); refuses declarations that two servers could interpret differently.
    private static func framing(_ fields: HTTPFields, _ minor: Int) throws(HTTPRefusal) -> Framing {
        let lengths = fields[values: .contentLength]
        let codings = fields[values: .transferEncoding]
        if !codings.isEmpty {
            guard minor == 1 else { throw HTTPRefusal(400, "Transfer-Encoding in HTTP/1.0") }
            guard lengths.isEmpty else { throw HTTPRefusal(400, "Content-Length and Transfer-Encoding") }
            guard codings.count == 1, let coding = codings.first?.lowercased() else {
                throw HTTPRefusal(400, "more than one Transfer-Encoding")
            }
            guard coding == "chunked" else {
                throw HTTPRefusal(501, "the only Transfer-Encoding that is known is chunked")
            }
            return .chunked
        }
        guard let text = lengths.first else { return .none }
        guard lengths.count == 1 else { throw HTTPRefusal(400, "more than one Content-Length") }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text) else {
            throw HTTPRefusal(400, "the Content-Length is no number that can be")
        }
        return .length(length)
    }

    /// The words of a list, in lower case.
    static func tokens(_ values: [String]) -> [String] {
        values.flatMap { value in
            value.lowercased().split(separator: ",").map { word in
                String(decoding: HTTPBytes.trimmed(Array(word.utf8)[...]), as: UTF8.self)
            }
        }
    }
}
