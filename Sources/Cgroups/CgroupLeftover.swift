/// A group directory that could not be removed.
package struct CgroupLeftover: Sendable, Equatable, CustomStringConvertible {
    package let path: String
    /// Why: an errno and its description, or that processes would not die.
    package let reason: String

    /// Whether it could not be removed before either: it has been reported, and is only looked at once each time.
    package let isKnown: Bool

    package init(path: String, reason: String, isKnown: Bool = false) {
        self.path = path
        self.reason = reason
        self.isKnown = isKnown
    }

    package var description: String { "\(path): \(reason)" }
}
