/// Why a request is refused: the status of the response, and the reason as text. The connection ends with it.
package struct HTTPRefusal: Error, Sendable, Equatable {
    package let status: Int
    package let reason: String

    package init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// Limits of a head, of the framing of a body and of its trailers.
package struct HTTPRequestBounds: Sendable {
    /// Of the request target.
    package var targetBytes = 16_384
    /// Of one line.
    package var lineBytes = 16_384
    /// Of all lines of a head together, and of all trailers.
    package var headBytes = 32_768
    package var fields = 100
    /// Empty lines before a request line (RFC 9112, section 2.2).
    package var leadingLines = 4
    /// Of all chunk extensions of a body together: they are ignored.
    package var extensionBytes = 8_192

    package init() {}
}
