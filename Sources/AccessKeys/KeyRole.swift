/// What the holder of a key may do.
package enum KeyRole: String, Sendable, Codable, CaseIterable {
    /// Runs programs, and sees what is its own.
    case user
    /// Also uses the routes below `/api/v1/admin`.
    case admin
}
