internal import Glibc

/// Reads keys from a raw terminal. Blocks its thread, and looks up ten times a second.
struct KeyReader {
    enum Key: Equatable {
        case character(Character)
        /// A control character, by its letter: `control("C")`.
        case control(Character)
        case enter, tab, backspace, delete, left, right, up, down, home, end
        /// The terminal is gone.
        case endOfInput
        /// Nothing for a moment.
        case nothing
        /// A sequence that means nothing here.
        case unknown
    }

    private func byte(milliseconds: Int32) -> UInt8? {
        var wait = pollfd(fd: Console.input, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) > 0 else { return nil }
        var byte: UInt8 = 0
        return read(Console.input, &byte, 1) == 1 ? byte : nil
    }

    /// Whether there is a key.
    var isReady: Bool {
        var wait = pollfd(fd: Console.input, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) > 0
    }

    func next() -> Key {
        var wait = pollfd(fd: Console.input, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, 100) > 0 else { return .nothing }
        guard let first = byte(milliseconds: 0) else { return .endOfInput }
        switch first {
        case 0x0d, 0x0a: return .enter
        case 0x09: return .tab
        case 0x7f, 0x08: return .backspace
        case 0x1b: return escape()
        case 0..<0x20: return .control(Character(Unicode.Scalar(first + 0x40)))
        case 0..<0x80: return .character(Character(Unicode.Scalar(first)))
        default:
            let length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
            var bytes = [first]
            while bytes.count < length, let more = byte(milliseconds: 50) { bytes.append(more) }
            guard let text = String(validating: bytes, as: UTF8.self), let character = text.first else {
                return .unknown
            }
            return .character(character)
        }
    }

    /// ECMA-48 sequences, as terminals send them for keys.
    private func escape() -> Key {
        guard let kind = byte(milliseconds: 50), kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else {
            return .unknown
        }
        var parameter: [UInt8] = []
        while let next = byte(milliseconds: 50), parameter.count < 16 {
            guard (0x40...0x7e).contains(next) else {
                parameter.append(next)
                continue
            }
            switch (next, String(decoding: parameter, as: UTF8.self)) {
            case (UInt8(ascii: "A"), _): return .up
            case (UInt8(ascii: "B"), _): return .down
            case (UInt8(ascii: "C"), _): return .right
            case (UInt8(ascii: "D"), _): return .left
            case (UInt8(ascii: "H"), _), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): return .home
            case (UInt8(ascii: "F"), _), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): return .end
            case (UInt8(ascii: "~"), "3"): return .delete
            default: return .unknown
            }
        }
        return .unknown
    }
}
