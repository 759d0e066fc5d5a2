internal import EgressRules

/// The head of a request in plain HTTP as it is passed on: for its server, not for a proxy, and for one request alone.
package struct HTTPRequestHead: Sendable, Equatable {
    /// As its server gets it, and as another proxy would.
    package let forServer: [UInt8]
    package let forProxy: [UInt8]
    package let body: HTTPBody

    /// Reads the head of a request to a proxy.
    ///
    /// - Parameter head: with its empty line.
    package static func request(_ head: [UInt8]) throws(HTTPError) -> ClientRequest {
        var lines = try HTTPLines(head)
        let words = lines.start.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].utf8.count <= 32,
            words[0].utf8.allSatisfy(HTTPLines.isToken),
            words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0"
        else { throw HTTPError("the first line is no request of HTTP/1") }
        let (method, place) = (String(words[0]), words[1])
        guard place.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw HTTPError("the target is no URL") }
        if method == "CONNECT" {
            guard let target = EgressTarget(String(place)) else { throw HTTPError("CONNECT needs a host and a port") }
            return ClientRequest(.tunnel, target)
        }
        let (target, path) = try url(place)
        let body = try HTTPBody(lines)
        lines.removeHopByHop(also: ["host"])
        // One host for rule, address and server, whatever the client has written.
        let host = target.port == 80 ? "\(target.host)" : "\(target)"
        lines.fields.insert(("Host", host), at: 0)
        lines.fields.append(("Connection", "close"))
        return ClientRequest(
            .http(
                HTTPRequestHead(
                    forServer: lines.bytes(start: "\(method) \(path) HTTP/1.1"),
                    forProxy: lines.bytes(start: "\(method) http://\(host)\(path) HTTP/1.1"), body: body)), target)
    }

    /// Host, port and the rest of an absolute URL.
    private static func url(_ text: Substring) throws(HTTPError) -> (EgressTarget, String) {
        let scheme = "http://"
        guard text.prefix(scheme.count).lowercased() == scheme else {
            throw HTTPError("the target is no http:// URL; what is encrypted needs CONNECT")
        }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        guard let target = EgressTarget(String(rest[..<end]), defaultPort: 80) else {
            throw HTTPError("the URL has no proper host")
        }
        let path = rest[end...].prefix { $0 != "#" }
        return (target, path.hasPrefix("/") ? String(path) : "/" + path)
    }
}
