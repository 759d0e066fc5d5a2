package import SandboxSpec

/// How many sandboxes of a policy are kept ready, and how.
package struct PoolSettings: Sendable, Equatable {
    /// Kept parked without requests; 0 to `maximum`.
    package let minimum: Int
    /// The most alive together, parked and running; at least 1.
    package let maximum: Int
    package let warm: Warmth

    package static let range: ClosedRange<Int64> = 0...1024
}
