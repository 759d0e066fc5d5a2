/// The name of the server in the first message of a client of TLS (RFC 8446, 6066). Pure.
package enum TLSServerName: Sendable, Equatable {
    /// More bytes are needed.
    case more
    /// It is not TLS.
    case other
    /// TLS without a name.
    case none
    case name(String)
    /// It begins like TLS, and is wrong, or too long to be looked at.
    case wrong

    /// So many bytes are looked at, records and all.
    package static let maximumBytes = 65_536

    /// Looks at a client's first bytes. The message may be spread over several records.
    package static func look(_ bytes: some RandomAccessCollection<UInt8>) -> TLSServerName {
        let bytes = Array(bytes)
        guard let first = bytes.first else { return .more }
        guard first == 0x16 else { return .other }
        guard bytes.count < 2 || bytes[1] == 3 else { return .other }
        var message: [UInt8] = []
        var index = 0
        while true {
            guard bytes.count >= index + 5 else { return waiting(bytes) }
            guard bytes[index] == 0x16, bytes[index + 1] == 3 else { return .wrong }
            let length = Int(bytes[index + 3]) << 8 | Int(bytes[index + 4])
            guard (1...16_640).contains(length) else { return .wrong }
            let end = min(index + 5 + length, bytes.count)
            message += bytes[(index + 5)..<end]
            index += 5 + length
            if let type = message.first, type != 1 { return .wrong }
            if message.count >= 4 {
                let size = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
                guard size <= maximumBytes else { return .wrong }
                if message.count >= 4 + size { return name(in: Array(message[4..<(4 + size)])) ?? .wrong }
            }
            if index > bytes.count { return waiting(bytes) }
        }
    }

    private static func waiting(_ bytes: [UInt8]) -> TLSServerName { bytes.count >= maximumBytes ? .wrong : .more }

    /// - Returns: nil when the message is wrong.
    private static func name(in hello: [UInt8]) -> TLSServerName? {
        var reader = Reader(hello[...])
        guard reader.skip(34), reader.vector(1) != nil, reader.vector(2) != nil, reader.vector(1) != nil else {
            return nil
        }
        if reader.isAtEnd { return TLSServerName.none }
        guard let extensions = reader.vector(2), reader.isAtEnd else { return nil }
        var list = Reader(extensions)
        var found: TLSServerName?
        while !list.isAtEnd {
            guard let type = list.number(2), let body = list.vector(2) else { return nil }
            guard type == 0 else { continue }
            // Which one a server would believe is its own affair.
            guard found == nil else { return nil }
            var names = Reader(body)
            guard let entries = names.vector(2), names.isAtEnd else { return nil }
            var entry = Reader(entries)
            guard entry.number(1) == 0, let name = entry.vector(2), entry.isAtEnd,
                let text = String(validating: name, as: UTF8.self)
            else { return nil }
            found = .name(text)
        }
        return found ?? TLSServerName.none
    }

    private struct Reader {
        private var bytes: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

        var isAtEnd: Bool { bytes.isEmpty }

        mutating func skip(_ count: Int) -> Bool {
            guard bytes.count >= count else { return false }
            bytes = bytes.dropFirst(count)
            return true
        }

        mutating func number(_ size: Int) -> Int? {
            guard bytes.count >= size else { return nil }
            defer { bytes = bytes.dropFirst(size) }
            return bytes.prefix(size).reduce(0) { $0 << 8 | Int($1) }
        }

        /// Bytes with their number before them.
        mutating func vector(_ size: Int) -> ArraySlice<UInt8>? {
            guard let count = number(size), bytes.count >= count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }
    }
}
