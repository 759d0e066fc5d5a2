/// Text that is no value of a quantity: what was found, what is allowed, and perhaps what was meant.
package struct InvalidQuantity: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text, quoted and fit to print.
    package let found: String
    package let allowed: String
    package let hint: String?

    package init(found: String, allowed: String, hint: String? = nil) {
        self.found = found
        self.allowed = allowed
        self.hint = hint
    }

    package var description: String {
        "found \(found), allowed \(allowed)" + (hint.map { " (\($0))" } ?? "")
    }
}
