/// How many sandboxes of a policy are kept ready, and how.
package struct PoolSettings: Sendable, Equatable {
    /// Kept parked while nobody asks; 0 to `maximum`.
    package let minimum: Int
    /// The most alive at once, parked and running; at least 1.
    package let maximum: Int
    package let warm: WarmMode

    package static let range: ClosedRange<Int64> = 0...1024
}
