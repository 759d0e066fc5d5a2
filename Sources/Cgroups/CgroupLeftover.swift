/// A group directory that could not be removed.
package struct CgroupLeftover: Sendable, Equatable, CustomStringConvertible {
    package let path: String
    /// Why: an errno and its description, or that processes would not die.
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(reason)" }
}
