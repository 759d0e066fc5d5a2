internal import RunModel
internal import SessionModel
internal import StrictJSON

/// A message of a client to its kernel: what the kernel needs of it. `buffers` and `metadata` have no use here.
struct ClientMessage: Sendable, Equatable {
    /// What a message may have, whichever way it is written.
    enum Bound {
        /// Bytes of `header`, which every answer repeats.
        static let header = 16_384
        /// Buffers behind a message, and parts of it.
        static let parts = 64
        /// Bytes of a message's type.
        static let type = 128
    }

    let channel: MessageChannel
    let type: String
    /// The header as JSON: the `parent_header` of all answers.
    let header: [UInt8]
    let content: JSONObject

    /// - Parameters:
    ///   - channel: the name as it was sent. A message without one is for the shell.
    ///   - header: has `msg_id` and `msg_type`.
    ///   - content: nil for none.
    /// - Returns: nil for a channel that no client may send to: such messages are ignored.
    init?(channel: String?, header: JSONObject, content: JSONObject?) throws(MessageError) {
        guard case .string(let type)? = header["msg_type"] else {
            throw MessageError("header.msg_type is missing or no string")
        }
        guard (1...Bound.type).contains(type.utf8.count) else {
            throw MessageError("header.msg_type has \(type.utf8.count) bytes, allowed are 1 to \(Bound.type)")
        }
        guard case .string? = header["msg_id"] else { throw MessageError("header.msg_id is missing or no string") }
        var bytes = JSONBytes(size: 256)
        bytes.json(.object(header))
        guard bytes.bytes.count <= Bound.header else {
            throw MessageError("the header has \(bytes.bytes.count) bytes, allowed are \(Bound.header)")
        }
        guard let known = MessageChannel(rawValue: channel ?? "shell"), known != .iopub else { return nil }
        self.channel = known
        self.type = type
        self.header = bytes.bytes
        self.content = content ?? JSONObject()
    }
}

/// Why a message cannot be read: one line, which stands in the close frame. The protocol has no answer to such a message.
struct MessageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
