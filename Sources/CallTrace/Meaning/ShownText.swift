/// Text from foreign code, as it may be shown: printable ASCII, the rest escaped, bounded.
package enum ShownText {
    /// So many bytes of one text are shown at most.
    package static let maximumBytes = 256

    /// The bytes as text; one that is longer ends with `...`.
    package static func of(_ bytes: some Collection<UInt8>) -> String {
        let kept = bytes.prefix(maximumBytes)
        let text = String(decoding: kept, as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
        return bytes.count > maximumBytes ? text + "..." : text
    }
}
