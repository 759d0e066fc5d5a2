/// Who may use a route.
package enum Access: Sendable, Equatable, CaseIterable {
    /// Everybody; no key is looked at.
    case `public`
    /// Whoever has a key, where keys are asked for.
    case key
    /// Whoever has the key of an administrator, where keys are asked for.
    case admin
}
