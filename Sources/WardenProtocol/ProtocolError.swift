/// A message that breaks the protocol: which field, what it held, what it may hold.
///
/// Thrown by decoding for bytes from the peer and by encoding for a value the peer would refuse.
package struct ProtocolError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field's path in the message, such as `create.limits` or `start.environment`.
    package let field: String
    /// What was found, shortened and with unprintable characters escaped.
    package let found: String
    /// What would have been accepted.
    package let allowed: String

    package init(field: String, found: String, allowed: String) {
        self.field = field
        self.found = found
        self.allowed = allowed
    }

    package var description: String { "message field \(field) is \(found), allowed is \(allowed)" }

    /// Text of the peer as it may be shown: at most 80 characters, in quotes, ASCII only.
    static func shown(_ text: String) -> String {
        let head = text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: true) }.joined()
        return "\"\(head)\"" + (text.unicodeScalars.count > 80 ? " and more" : "")
    }
}
