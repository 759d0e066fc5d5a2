internal import Glibc

/// How often a pool is asked, smoothed over some seconds: each request adds a share that fades.
struct Demand: Sendable, Equatable {
    /// Nanoseconds after which a request counts for a third of what it did.
    static let memory: Int64 = 5_000_000_000

    private var level = 0.0
    private var at: Int64 = 0

    mutating func arrive(at now: Int64) {
        level = rate(at: now) + 1e9 / Double(Self.memory)
        at = now
    }

    /// Requests per second.
    func rate(at now: Int64) -> Double {
        level * exp(-Double(max(now - at, 0)) / Double(Self.memory))
    }
}
