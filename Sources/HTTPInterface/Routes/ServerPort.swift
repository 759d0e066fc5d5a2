/// The listener that a group of routes is for.
package enum ServerPort: String, Sendable, Hashable, CaseIterable {
    /// The one that clients use.
    case main
    /// One for operators alone, where there is such a listener.
    case admin
}
