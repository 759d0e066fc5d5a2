/// Says in the head of a response that the connection ends with it, as it does. Pure: bytes go in, in pieces of any size.
package struct HTTPResponseFilter: Sendable {
    package static let maximumHead = 65_536

    private var head: [UInt8] = []
    private var isOver = false

    package init() {}

    /// Whether the head has come: what comes now passes on as it is.
    package var isTransparent: Bool { isOver }

    /// - Returns: what the client gets of it now.
    package mutating func take(_ bytes: [UInt8]) throws(HTTPError) -> [UInt8] {
        guard !isOver else { return bytes }
        head += bytes
        var passed: [UInt8] = []
        while !isOver, let end = HTTPLines.end(of: head) {
            var lines = try HTTPLines(Array(head[..<end]))
            let words = lines.start.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
                let status = Int(words[1]), (100...999).contains(status)
            else { throw HTTPError("the server's answer is no response of HTTP/1") }
            // Others follow an interim response; 101 would be another protocol, which nobody has asked for.
            isOver = status >= 200 || status == 101
            if isOver {
                lines.removeHopByHop()
                lines.fields.append(("Connection", "close"))
            }
            passed += lines.bytes(start: lines.start)
            head = Array(head[end...])
        }
        if isOver {
            passed += head
            head = []
        } else if head.count > Self.maximumHead {
            throw HTTPError("the head of the server's answer is too long")
        }
        return passed
    }
}
