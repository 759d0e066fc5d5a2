/// Divides the descriptors that this process may have: first those that runs need, then connections. Pure.
///
/// A service that runs out of descriptors loses its warden, whose messages carry some. So connections are bounded
/// by the number that is left when everything else has its share, whatever the settings say.
package struct DescriptorPlan: Sendable, Equatable {
    /// Why a service cannot start with so few descriptors.
    package struct TooFew: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// Files, event loops, the keeper, the warden, libraries.
    static let base = 64
    /// Reserved for messages of the warden.
    static let reserve = 32
    /// Streams and files of a run, and the artifacts it exports, which may all wait to be read.
    static let perRun = 8 + 64
    /// Streams of a sandbox that is parked, its listener, and the channel and the meter of one for sessions.
    static let perSandbox = 8
    static let perSession = 8
    /// Streams of its processes, its meter and tables, an archive, and connections to its ports, whose clients count as connections.
    static let perWorkspace = 3 * 16 + 64 + 8
    static let leastConnections = 16

    /// The most open connections.
    package let connections: Int
    /// A warning for the operator; nil when the settings fit.
    package let note: String?

    /// - Parameters:
    ///   - limit: RLIMIT_NOFILE, raised as far as it goes.
    ///   - connections: as set.
    ///   - runs: the most concurrent runs.
    ///   - sandboxes: parked or being prepared.
    ///   - sessions: the most live sessions.
    ///   - workspaces: the most that run.
    ///   - egress: the most connections of programs to the outside, each of which has two ends.
    package init(
        limit: Int, connections: Int, runs: Int, sandboxes: Int, sessions: Int = 0, workspaces: Int = 0,
        egress: Int = 0
    ) throws(TooFew) {
        let others =
            Self.base + Self.reserve + runs * Self.perRun + sandboxes * Self.perSandbox + sessions * Self.perSession
            + workspaces * Self.perWorkspace + egress * 2
        let left = limit - others
        guard left >= Self.leastConnections else {
            throw TooFew(
                description: "RLIMIT_NOFILE is \(limit), and \(runs) runs (max_running_runs), \(sandboxes) parked "
                    + "sandboxes (pool_sandboxes), \(sessions) sessions (max_sessions), \(workspaces) workspaces (max_workspaces) and \(egress) connections to the outside (max_egress_connections) need \(others + Self.leastConnections): raise the limit of open "
                    + "descriptors (ulimit -Hn, LimitNOFILE=), or lower these settings")
        }
        self.connections = min(connections, left)
        note =
            connections <= left
            ? nil
            : "max_connections is \(connections), and RLIMIT_NOFILE of \(limit) leaves room for \(left): only these are "
                + "accepted; raise the limit of open descriptors (ulimit -Hn, LimitNOFILE=) for more"
    }
}
