internal import StrictJSON

/// Messages of the subprotocol `v1.kernel.websocket.jupyter.org`: always binary, the parts one after the other, so that none of
/// them is parsed only to be passed on. Numbers have eight bytes, least significant first.
enum V1Protocol {
    static let subprotocol = "v1.kernel.websocket.jupyter.org"

    /// Channel, header, parent header, metadata, content.
    private static let parts = 5

    /// - Parameter limits: of one message.
    /// - Returns: nil for a message to be ignored.
    static func decode(_ bytes: [UInt8], limits: JSONLimits) throws(MessageError) -> ClientMessage? {
        func number(_ index: Int) -> UInt64 {
            bytes[8 * index..<8 * index + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard bytes.count >= 8 else { throw MessageError("a message has 8 bytes or more") }
        // One offset more than there are parts: that of the end.
        let most = UInt64(parts + 1 + ClientMessage.Bound.parts)
        guard (UInt64(parts + 1)...most).contains(number(0)) else {
            throw MessageError("a message has \(parts + 1) to \(most) offsets")
        }
        let count = Int(number(0))
        guard bytes.count >= 8 * (count + 1) else { throw MessageError("a message ends within its offsets") }
        let offsets = (1...count).map(number)
        guard offsets[0] >= UInt64(8 * (count + 1)), offsets[count - 1] <= UInt64(bytes.count),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw MessageError("the offsets of a message do not grow, or point outside of it") }
        func part(_ index: Int) -> [UInt8] { Array(bytes[Int(offsets[index])..<Int(offsets[index + 1])]) }
        guard let channel = String(validating: part(0), as: UTF8.self) else {
            throw MessageError("the channel of a message is no UTF-8")
        }
        return try ClientMessage(
            channel: channel.isEmpty ? nil : channel,
            header: try JSONParts.object(part(1), "the header", limits: limits),
            content: try JSONParts.object(part(4), "the content", limits: limits))
    }

    static func encode(_ message: KernelMessage) -> [UInt8] {
        let parts = [
            Array(message.channel.rawValue.utf8), message.header, message.parent, JSONParts.empty, message.content,
        ]
        var offset = 8 * (parts.count + 2)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parts.reduce(offset) { $0 + $1.count })
        func append(_ number: Int) {
            for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        append(parts.count + 1)
        append(offset)
        for part in parts {
            offset += part.count
            append(offset)
        }
        for part in parts { bytes += part }
        return bytes
    }
}
