/// Who may use a route.
package enum Access: Sendable, Equatable, CaseIterable {
    /// Every caller; keys are ignored.
    case `public`
    /// Callers with a key, where keys are required.
    case key
    /// Callers with the key of an administrator, where keys are required.
    case admin
}
