/// When a process that has ended is started again.
package enum RestartPolicy: String, Sendable, CaseIterable {
    case never
    /// When it has ended with another status than 0, or by a signal that nobody of the API has sent.
    case onFailure = "on_failure"
    case always

    /// How long to wait before the next start, in nanoseconds: a tenth of a second, twice as long each time, at most 30 s.
    ///
    /// - Parameter restarts: how often it has been started again since it last lived for ten seconds.
    package static func delay(after restarts: Int) -> Int64 {
        min(100_000_000 << Int64(min(max(restarts, 0), 16)), 30_000_000_000)
    }
}
