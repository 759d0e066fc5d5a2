internal import RunModel
internal import StrictJSON

/// Messages of a socket that has negotiated no subprotocol: JSON text, or, with buffers behind it, binary.
enum DefaultProtocol {
    /// - Parameter limits: of one message.
    /// - Returns: nil for a message to be ignored.
    static func decode(text: [UInt8], limits: JSONLimits) throws(MessageError) -> ClientMessage? {
        let object = try JSONParts.object(text, "the message", limits: limits)
        let channel: String?
        switch object["channel"] {
        case nil, .null?: channel = nil
        case .string(let name)?: channel = name
        default: throw MessageError("channel is no string")
        }
        guard case .object(let header)? = object["header"] else {
            throw MessageError("header is missing or no object")
        }
        return try ClientMessage(
            channel: channel, header: header, content: try JSONParts.content(object["content"]))
    }

    /// A count of parts, their offsets, the JSON, the buffers; numbers have four bytes, most significant first.
    static func decode(binary bytes: [UInt8], limits: JSONLimits) throws(MessageError) -> ClientMessage? {
        func number(_ index: Int) -> Int { bytes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) } }
        guard bytes.count >= 8 else { throw MessageError("a binary message has 8 bytes or more") }
        let count = number(0)
        guard (1...ClientMessage.Bound.parts).contains(count), bytes.count >= 4 * (count + 1) else {
            throw MessageError("a binary message has 1 to \(ClientMessage.Bound.parts) parts, and an offset for each")
        }
        let offsets = (1...count).map(number) + [bytes.count]
        guard offsets[0] >= 4 * (count + 1), zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw MessageError("the offsets of a binary message do not grow, or point outside of it")
        }
        return try decode(text: Array(bytes[offsets[0]..<offsets[1]]), limits: limits)
    }

    /// As JSON text. Messages of this service have no buffers.
    static func encode(_ message: KernelMessage) -> [UInt8] {
        var output = JSONBytes(size: message.cost + 64)
        output.open()
        output.key("channel")
        output.word(message.channel.rawValue)
        output.part("header", message.header)
        output.key("msg_id")
        output.word(message.id)
        output.key("msg_type")
        output.word(message.type)
        output.part("parent_header", message.parent)
        output.part("metadata", JSONParts.empty)
        output.part("content", message.content)
        output.key("buffers")
        output.array([Int]()) { $0.integer($1) }
        output.close()
        return output.bytes
    }
}

/// What both ways of writing messages share.
enum JSONParts {
    static let empty: [UInt8] = Array("{}".utf8)

    static func object(_ bytes: [UInt8], _ name: String, limits: JSONLimits) throws(MessageError) -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: limits)
        } catch {
            throw MessageError("\(name) is no valid JSON: \(error)")
        }
        guard case .object(let object) = value else { throw MessageError("\(name) is \(value.typeName), no object") }
        return object
    }

    static func content(_ value: JSONValue?) throws(MessageError) -> JSONObject? {
        switch value {
        case nil, .null?: return nil
        case .object(let object)?: return object
        case let value?: throw MessageError("content is \(value.typeName), no object")
        }
    }
}

extension JSONBytes {
    /// A member that is JSON already.
    mutating func part(_ name: String, _ json: [UInt8]) {
        key(name)
        raw(json)
    }
}
