/// WebSocket frames (RFC 6455, section 5.2) as a client sends them, made here without the code under test.
package enum Frames {
    /// One frame.
    ///
    /// - Parameter first: its first byte: the final bit, reserved bits, the opcode.
    package static func frame(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes = [first]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xffff: bytes += [0xfe, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            bytes.append(0xff)
            bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: payload.count >> $0) }
        }
        let mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }

    /// A whole text message.
    package static func text(_ text: String) -> [UInt8] { frame(0x81, Array(text.utf8)) }
}
