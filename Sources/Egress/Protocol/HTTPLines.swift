/// A message of HTTP that is not passed on.
package struct HTTPError: Error, Sendable, Equatable {
    package let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// The head of a message of HTTP/1 (RFC 9112), strictly: CRLF, no folded lines, no space before a colon. Pure.
struct HTTPLines {
    static let maximumFields = 128

    /// The first line.
    let start: String
    var fields: [(name: String, value: String)]

    /// Where the head ends, its empty line included; nil when it has not come in full.
    static func end(of bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        var index = 3
        while index < bytes.count {
            // Steps by what the byte rules out.
            switch bytes[index] {
            case 0x0A:
                if bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D { return index + 1 }
                index += 2
            case 0x0D: index += 1
            default: index += 4
            }
        }
        return nil
    }

    /// - Parameter head: with its empty line.
    init(_ head: [UInt8]) throws(HTTPError) {
        var lines: [String] = []
        var line: [UInt8] = []
        var index = 0
        while index < head.count {
            let byte = head[index]
            if byte == 0x0D, index + 1 < head.count, head[index + 1] == 0x0A {
                lines.append(String(decoding: line, as: UTF8.self))
                line = []
                index += 2
                continue
            }
            guard byte == 0x09 || (byte >= 0x20 && byte != 0x7F) else {
                throw HTTPError("there is a control character in the head of the message")
            }
            line.append(byte)
            index += 1
        }
        guard lines.count >= 2, lines.last == "", let start = lines.first else {
            throw HTTPError("the head is not whole")
        }
        guard lines.count - 2 <= Self.maximumFields else {
            throw HTTPError("there are more than \(Self.maximumFields) header fields")
        }
        self.start = start
        fields = []
        for line in lines.dropFirst().dropLast() {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex,
                line[..<colon].utf8.allSatisfy(Self.isToken)
            else { throw HTTPError("a header field has no proper name") }
            let value = line[line.index(after: colon)...]
            fields.append((String(line[..<colon]), Self.trimmed(value)))
        }
    }

    func values(of name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// Removes what is for the next hop alone, with everything that `Connection` names.
    mutating func removeHopByHop(also others: Set<String> = []) {
        var gone: Set<String> = [
            "connection", "proxy-connection", "keep-alive", "te", "upgrade", "proxy-authorization",
        ]
        gone.formUnion(others)
        let framing: Set<String> = ["content-length", "transfer-encoding", "host"]
        for value in values(of: "connection") {
            for name in value.lowercased().split(separator: ",").map({ Self.trimmed($0) }) where !framing.contains(name)
            {
                gone.insert(name)
            }
        }
        fields.removeAll { gone.contains($0.name.lowercased()) }
    }

    func bytes(start: String) -> [UInt8] {
        var text = start + "\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        return Array((text + "\r\n").utf8)
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return String(text)
    }
}
