/// Cuts a stream of bytes into lines that are safe to show: bounded, valid UTF-8, no control characters.
struct LineSplitter {
    private var pending: [UInt8] = []

    /// The lines that `bytes` complete; empty ones are left out. A carriage return ends a line too.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 0x0a || byte == 0x0d {
                let text = String(decoding: pending, as: UTF8.self).filter { character in
                    character.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
                }
                if !text.isEmpty { lines.append(text) }
                pending.removeAll(keepingCapacity: true)
            } else if pending.count < BuildProgram.maximumLineBytes {
                pending.append(byte)
            }
        }
        return lines
    }
}
