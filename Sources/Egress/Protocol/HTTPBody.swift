/// Where the body of a request ends. Pure: bytes go in, in pieces of any size, and pass on as they are.
package struct HTTPBody: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case done
        case length(UInt64)
        /// The digits and the extension of a chunk.
        case size(UInt64, digits: Int, isExtension: Bool, wasReturn: Bool, length: Int)
        case data(UInt64)
        /// The end of a line behind a chunk.
        case lineEnd(wasReturn: Bool)
        /// Trailers: bytes of the line so far, and of all.
        case trailer(line: Int, wasReturn: Bool, total: Int)
    }

    private static let maximumExtension = 1024
    private static let maximumTrailers = 8192

    private var state: State

    package var isDone: Bool { state == .done }

    /// The framing that a head declares. Two that contradict each other are an error, and so is one that is not known.
    init(_ lines: HTTPLines) throws(HTTPError) {
        let lengths = lines.values(of: "content-length")
        let codings = lines.values(of: "transfer-encoding")
        guard codings.isEmpty || lengths.isEmpty else {
            throw HTTPError("the length of the body is declared in two ways")
        }
        if !codings.isEmpty {
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw HTTPError("the transfer coding is not chunked")
            }
            state = Self.nextChunk
        } else if let text = lengths.first {
            guard lengths.count == 1, (1...18).contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = UInt64(text)
            else { throw HTTPError("Content-Length is no number") }
            state = length == 0 ? .done : .length(length)
        } else {
            state = .done
        }
    }

    private static let nextChunk = State.size(0, digits: 0, isExtension: false, wasReturn: false, length: 0)

    /// How many of these bytes belong to the body.
    package mutating func take(_ bytes: ArraySlice<UInt8>) throws(HTTPError) -> Int {
        var index = bytes.startIndex
        while index < bytes.endIndex, state != .done {
            switch state {
            case .done: break
            case .length(let left):
                let count = min(left, UInt64(bytes.endIndex - index))
                index += Int(count)
                state = left == count ? .done : .length(left - count)
            case .data(let left):
                let count = min(left, UInt64(bytes.endIndex - index))
                index += Int(count)
                state = left == count ? .lineEnd(wasReturn: false) : .data(left - count)
            default:
                try step(bytes[index])
                index += 1
            }
        }
        return index - bytes.startIndex
    }

    private mutating func step(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .size(let value, let digits, let isExtension, let wasReturn, let length):
            if wasReturn {
                guard byte == 0x0A, digits > 0 else { throw HTTPError("a chunk begins with no size") }
                state = value == 0 ? .trailer(line: 0, wasReturn: false, total: 0) : .data(value)
            } else if byte == 0x0D {
                state = .size(value, digits: digits, isExtension: isExtension, wasReturn: true, length: length)
            } else if isExtension || byte == 0x3B {
                guard digits > 0, length < Self.maximumExtension, byte >= 0x20 || byte == 0x09 else {
                    throw HTTPError("the extension of a chunk is wrong")
                }
                state = .size(value, digits: digits, isExtension: true, wasReturn: false, length: length + 1)
            } else {
                guard let digit = Self.digit(byte), digits < 15 else {
                    throw HTTPError("the size of a chunk is no number")
                }
                state = .size(value << 4 | digit, digits: digits + 1, isExtension: false, wasReturn: false, length: 0)
            }
        case .lineEnd(let wasReturn):
            guard byte == (wasReturn ? 0x0A : 0x0D) else { throw HTTPError("a chunk has no end of line") }
            state = wasReturn ? Self.nextChunk : .lineEnd(wasReturn: true)
        case .trailer(let line, let wasReturn, let total):
            guard total < Self.maximumTrailers else { throw HTTPError("the trailers are too long") }
            if wasReturn {
                guard byte == 0x0A else { throw HTTPError("a trailer has no end of line") }
                state = line == 0 ? .done : .trailer(line: 0, wasReturn: false, total: total + 1)
            } else {
                guard byte != 0x0A else { throw HTTPError("a trailer has no end of line") }
                state = .trailer(line: byte == 0x0D ? line : line + 1, wasReturn: byte == 0x0D, total: total + 1)
            }
        case .done, .length, .data: break
        }
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x41...0x46: UInt64(byte - 0x41 + 10)
        case 0x61...0x66: UInt64(byte - 0x61 + 10)
        default: nil
        }
    }
}
