/// Splits bytes into lines of bounded length. A value.
package struct LineSplitter: Sendable {
    private let maximumBytes: Int
    private var line: [UInt8] = []

    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// The lines that are complete now; empty ones are skipped.
    package mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let done = rest() { lines.append(done) }
            } else {
                line.append(byte)
                if line.count >= maximumBytes, let done = rest() { lines.append(done) }
            }
        }
        return lines
    }

    /// The bytes since the last line; nil when there are none.
    package mutating func rest() -> String? {
        guard !line.isEmpty else { return nil }
        defer { line = [] }
        return String(decoding: line, as: UTF8.self)
    }
}
