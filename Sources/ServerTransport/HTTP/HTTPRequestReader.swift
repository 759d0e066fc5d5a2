internal import HTTPTypes
package import NIOCore

/// Parses requests of HTTP/1.1, strictly by RFC 9112: requests that two servers could interpret differently are
/// refused. A value: bytes in, parts out; the first refusal ends it. Nothing is allocated by a declared length.
package struct HTTPRequestReader: Sendable {
    package enum Part: Sendable {
        case head(ParsedHead)
        case body(ByteBuffer)
        /// The request is complete. Trailers have been read and checked, and are ignored.
        case end
    }

    private enum State {
        case requestLine(skipped: Int)
        case fields(HTTPRequestLine)
        case fixed(left: Int)
        case chunkSize
        case chunk(left: Int)
        case chunkEnd
        case trailers
    }

    private let bounds: HTTPRequestBounds
    private var state = State.requestLine(skipped: 0)
    private var lines = HTTPLines()
    private var fields: [HTTPField] = []
    private var headBytes = 0
    private var fieldCount = 0
    private var extensionBytes = 0

    package init(bounds: HTTPRequestBounds = HTTPRequestBounds()) {
        self.bounds = bounds
    }

    /// Whether a head has begun and is not complete.
    package var isInHead: Bool {
        switch state {
        case .fields: true
        default: false
        }
    }

    /// The next part, removed from the buffer; nil when more bytes are needed. After `end` the next request follows.
    package mutating func next(_ buffer: inout ByteBuffer) throws(HTTPRefusal) -> Part? {
        while true {
            switch state {
            case .requestLine(let skipped):
                guard let head = try requestLine(&buffer, skipped) else { return nil }
                state = head
            case .fields(let line):
                guard let fields = try fieldLines(&buffer) else { return nil }
                let head = try ParsedHead(line, fields)
                begin(head.framing)
                return .head(head)
            case .fixed(let left):
                if left == 0 { return end() }
                guard let piece = take(&buffer, left) else { return nil }
                state = .fixed(left: left - piece.readableBytes)
                return .body(piece)
            case .chunkSize:
                guard let line = try chunkLine(&buffer) else { return nil }
                let size = try chunkSize(line)
                (fields, headBytes, fieldCount) = ([], 0, 0)
                state = size == 0 ? .trailers : .chunk(left: size)
            case .chunk(let left):
                guard let piece = take(&buffer, left) else { return nil }
                let rest = left - piece.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(left: rest)
                return .body(piece)
            case .chunkEnd:
                guard let bytes = buffer.getBytes(at: buffer.readerIndex, length: min(2, buffer.readableBytes)),
                    let first = bytes.first
                else { return nil }
                guard first == UInt8(ascii: "\r"), bytes.count < 2 || bytes[1] == UInt8(ascii: "\n") else {
                    throw HTTPRefusal(400, "a chunk is longer than it says")
                }
                guard bytes.count == 2 else { return nil }
                buffer.moveReaderIndex(forwardBy: 2)
                state = .chunkSize
            case .trailers:
                guard try fieldLines(&buffer) != nil else { return nil }
                return end()
            }
        }
    }

    private mutating func end() -> Part {
        state = .requestLine(skipped: 0)
        return .end
    }

    private mutating func begin(_ framing: ParsedHead.Framing) {
        (fields, headBytes, fieldCount, extensionBytes) = ([], 0, 0, 0)
        switch framing {
        case .none: state = .fixed(left: 0)
        case .length(let length): state = .fixed(left: length)
        case .chunked: state = .chunkSize
        }
    }

    private func take(_ buffer: inout ByteBuffer, _ most: Int) -> ByteBuffer? {
        let count = min(most, buffer.readableBytes)
        return count > 0 ? buffer.readSlice(length: count) : nil
    }

    private mutating func requestLine(_ buffer: inout ByteBuffer, _ skipped: Int) throws(HTTPRefusal) -> State? {
        var skipped = skipped
        while true {
            if let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self), first != UInt8(ascii: "\r"),
                !HTTPBytes.isToken(first)
            {
                // Fail early: bytes such as a TLS handshake contain no end of line to wait for.
                throw HTTPRefusal(400, "this is no request of HTTP/1.1")
            }
            guard
                let line = try lines.next(
                    &buffer, limit: bounds.targetBytes + 64, tooLong: HTTPRefusal(414, "the request line is too long"))
            else { return nil }
            if !line.isEmpty { return .fields(try HTTPRequestLine(line, bounds)) }
            skipped += 1
            guard skipped <= bounds.leadingLines else { throw HTTPRefusal(400, "empty lines before a request") }
            state = .requestLine(skipped: skipped)
        }
    }

    /// All fields up to the empty line; nil when it has not arrived yet.
    private mutating func fieldLines(_ buffer: inout ByteBuffer) throws(HTTPRefusal) -> [HTTPField]? {
        while true {
            guard
                let line = try lines.next(
                    &buffer, limit: bounds.lineBytes, tooLong: HTTPRefusal(431, "a header field is too long"))
            else { return nil }
            if line.isEmpty { return fields }
            headBytes += line.count
            fieldCount += 1
            guard headBytes <= bounds.headBytes else { throw HTTPRefusal(431, "the header fields are too long") }
            guard fieldCount <= bounds.fields else {
                throw HTTPRefusal(431, "more than \(bounds.fields) header fields")
            }
            let field = try HTTPFieldLine.parse(line)
            // Trailers are checked and dropped.
            if case .fields = state { fields.append(field) }
        }
    }

    private mutating func chunkLine(_ buffer: inout ByteBuffer) throws(HTTPRefusal) -> [UInt8]? {
        try lines.next(
            &buffer, limit: bounds.extensionBytes, tooLong: HTTPRefusal(400, "the extensions of a chunk are too long"))
    }

    /// `1*HEXDIG [ chunk-ext ]`: RFC 9112, section 7.1.
    private mutating func chunkSize(_ line: [UInt8]) throws(HTTPRefusal) -> Int {
        let digits = line.prefix { Self.digit($0) != nil }
        let rest = line[digits.endIndex...]
        guard (1...15).contains(digits.count) else { throw HTTPRefusal(400, "a chunk without a proper size") }
        if !rest.isEmpty {
            guard rest.first(where: { !HTTPBytes.isBlank($0) }) == UInt8(ascii: ";"),
                rest.allSatisfy(HTTPBytes.isValue)
            else { throw HTTPRefusal(400, "a chunk without a proper size") }
            extensionBytes += rest.count
            guard extensionBytes <= bounds.extensionBytes else {
                throw HTTPRefusal(400, "the extensions of the chunks are too long")
            }
        }
        return digits.reduce(0) { $0 << 4 | (Self.digit($1) ?? 0) }
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
