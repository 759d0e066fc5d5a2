extension JSONWriter {
    /// The number of bytes of a string in quotes, with its escapes.
    package static func size(of text: [UInt8]) -> Int {
        var size = text.count + 2
        for byte in text {
            switch byte {
            case 0x08, 0x09, 0x0a, 0x0c, 0x0d, UInt8(ascii: "\""), UInt8(ascii: "\\"): size += 1
            case 0..<0x20: size += 5
            default: break
            }
        }
        return size
    }

    /// Writes a string in quotes, as `append` does, into existing memory.
    ///
    /// - Parameters:
    ///   - text: valid UTF-8.
    ///   - output: has room for `size(of: text)` bytes; less is a programming error, which ends the process.
    /// - Returns: how many bytes were written.
    package static func write(_ text: [UInt8], to output: UnsafeMutableRawBufferPointer) -> Int {
        var position = 0
        func put(_ byte: UInt8) {
            // Checked: the subscript traps beyond the end.
            output[position] = byte
            position += 1
        }
        // SAFETY: the source pointer is used inside the closure only; the slice of the target is checked by its bounds.
        text.withUnsafeBytes { source in
            func copy(_ range: Range<Int>) {
                guard !range.isEmpty else { return }
                UnsafeMutableRawBufferPointer(rebasing: output[position..<position + range.count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
                position += range.count
            }
            put(UInt8(ascii: "\""))
            var clean = 0
            for index in source.indices {
                let byte = source[index]
                guard needsEscape(byte) else { continue }
                copy(clean..<index)
                clean = index + 1
                put(UInt8(ascii: "\\"))
                switch byte {
                case 0x08: put(UInt8(ascii: "b"))
                case 0x09: put(UInt8(ascii: "t"))
                case 0x0a: put(UInt8(ascii: "n"))
                case 0x0c: put(UInt8(ascii: "f"))
                case 0x0d: put(UInt8(ascii: "r"))
                case 0..<0x20:
                    for part in [UInt8(ascii: "u"), 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]] {
                        put(part)
                    }
                default: put(byte)
                }
            }
            copy(clean..<source.count)
            put(UInt8(ascii: "\""))
        }
        return position
    }
}
