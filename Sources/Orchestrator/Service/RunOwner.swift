/// Whom a run belongs to. To all others it does not exist.
package struct RunOwner: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Parameter name: the id of a key, or a fixed word where there are none.
    package init(_ name: String) {
        description = name
    }

    /// Everybody, where no keys are asked for.
    package static let anyone = RunOwner("anyone")
}
