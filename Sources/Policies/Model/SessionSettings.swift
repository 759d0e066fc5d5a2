package import RunModel

/// What a policy says of sessions: what one may use, and how many sandboxes are kept ready for them.
package struct SessionSettings: Sendable, Equatable {
    package let limits: SessionLimits
    /// Kept parked without requests; 0 to `maximum`.
    package let poolMinimum: Int
    /// The most that are parked; at least 1.
    package let poolMaximum: Int

    /// Where no policy of a chain says anything else.
    static let usual = SessionSettings(limits: .usual, poolMinimum: 0, poolMaximum: 8)
}
