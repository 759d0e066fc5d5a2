/// The supported form of the compression extension (RFC 7692): each message is compressed by itself. Both sides discard
/// the context after each message, so an idle socket needs no memory for it.
package struct PermessageDeflate: Sendable, Equatable {
    /// The window size of sent messages, as a power of two: 9 to 15.
    package let windowBits: Int
    /// Whether the client requested that bound.
    private let isBounded: Bool

    private init(windowBits: Int, isBounded: Bool) {
        self.windowBits = windowBits
        self.isBounded = isBounded
    }

    /// The offer of this package's client.
    static let offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    /// The server's answer: it may request both, whatever was offered (sections 7.1.1.1 and 7.1.1.2).
    package var answer: String { Self.offer + (isBounded ? "; server_max_window_bits=\(windowBits)" : "") }

    /// The first acceptable offer of a client; nil when there is none.
    ///
    /// - Parameter values: of `Sec-WebSocket-Extensions`.
    package static func accept(_ values: [String]) -> PermessageDeflate? {
        for offer in values.flatMap({ split($0, at: UInt8(ascii: ",")) }) {
            guard let parameters = parameters(offer) else { continue }
            var bits = 15
            var isAcceptable = true
            for (name, value) in parameters {
                switch (name, value) {
                case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil): break
                // zlib cannot make a stream with a window of 256 bytes.
                case ("server_max_window_bits", let value?):
                    guard let number = windowBits(value), number > 8 else { isAcceptable = false; continue }
                    bits = number
                // Any window of the client fits the one used for reading.
                case ("client_max_window_bits", nil): break
                case ("client_max_window_bits", let value?): isAcceptable = isAcceptable && windowBits(value) != nil
                default: isAcceptable = false
                }
            }
            guard isAcceptable else { continue }
            return PermessageDeflate(windowBits: bits, isBounded: parameters["server_max_window_bits"] != nil)
        }
        return nil
    }

    /// Checks a server's answer to the client's offer; nil for no compression.
    ///
    /// - Throws: `Mismatch` for an answer that does not match the offer.
    static func check(_ values: [String], offered: Bool) throws(Mismatch) -> PermessageDeflate? {
        let answers = values.flatMap { split($0, at: UInt8(ascii: ",")) }
        guard let answer = answers.first else { return nil }
        guard offered, answers.count == 1, let parameters = parameters(answer),
            parameters.keys.contains("server_no_context_takeover")
        else { throw Mismatch() }
        for (name, value) in parameters {
            switch (name, value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil): break
            case ("server_max_window_bits", let value?) where windowBits(value) != nil: break
            default: throw Mismatch()
            }
        }
        return PermessageDeflate(windowBits: 15, isBounded: false)
    }

    /// A server that answers what was not offered.
    struct Mismatch: Error {}

    /// The parameters of an offer of this extension, each at most once; nil for other extensions, and for malformed text.
    private static func parameters(_ offer: String) -> [String: String?]? {
        let parts = split(offer, at: UInt8(ascii: ";"))
        guard parts.first == "permessage-deflate" else { return nil }
        var parameters: [String: String?] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { word in
                trimmed(Array(word.utf8)[...])
            }
            guard let name = pair.first, parameters[name] == nil else { return nil }
            parameters.updateValue(pair.count == 2 ? unquoted(pair[1]) : nil, forKey: name)
        }
        return parameters
    }

    private static func split(_ text: String, at mark: UInt8) -> [String] {
        text.utf8.split(separator: mark).map { part in
            trimmed(Array(part)[...])
        }
    }

    /// The text without surrounding blanks (RFC 9110, section 5.6.3).
    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var bytes = bytes.drop(while: isBlank)
        while let last = bytes.last, isBlank(last) { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }

    private static func windowBits(_ text: String) -> Int? {
        guard let number = Int(text), String(number) == text, (8...15).contains(number) else { return nil }
        return number
    }
}
