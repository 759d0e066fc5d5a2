internal import Synchronization

/// What each tenant has used today. Safe from any thread.
///
/// A day is a date in UTC. When the date goes forward, counting begins again; when the clock is set back, it goes on, under the
/// earlier date: so a clock that jumps frees a tenant at most once, and never locks one out for longer than a day of that clock.
/// Bounded: tenants that are not counted any more are forgotten when a day ends.
package final class TenantUsage: Sendable {
    package struct Counters: Sendable, Equatable, Codable {
        package var runs: Int64 = 0
        /// Milliseconds of processor time.
        package var cpu: Double = 0
        package var bytes: Int64 = 0

        package init(runs: Int64 = 0, cpu: Double = 0, bytes: Int64 = 0) {
            self.runs = runs
            self.cpu = cpu
            self.bytes = bytes
        }

        private enum CodingKeys: String, CodingKey {
            case runs, bytes
            case cpu = "cpu_ms"
        }

        static func + (one: Counters, other: Counters) -> Counters {
            Counters(
                runs: one.runs.addingReportingOverflow(other.runs).partialValue, cpu: one.cpu + other.cpu,
                bytes: one.bytes.addingReportingOverflow(other.bytes).partialValue)
        }
    }

    /// What a file keeps.
    package struct Record: Sendable, Equatable, Codable {
        package var version = 1
        /// Days since 1970.
        package var day: Int64
        package var tenants: [String: Counters]

        package init(day: Int64, tenants: [String: Counters]) {
            self.day = day
            self.tenants = tenants
        }
    }

    private struct State {
        var day: Int64
        var today: [String: Counters]
        /// Since the start, for metrics.
        var totals: [String: Counters] = [:]
        var isChanged = false
    }

    private static let dayLength: Int64 = 86_400_000

    private let date: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - record: what was counted before a restart.
    ///   - date: milliseconds since 1970.
    package init(_ record: Record? = nil, date: @escaping @Sendable () -> Int64) {
        self.date = date
        let day = record?.day ?? Self.day(date())
        state = Mutex(State(day: day, today: record?.tenants ?? [:]))
        state.withLock { turn(&$0) }
    }

    package static func day(_ milliseconds: Int64) -> Int64 {
        Int64((Double(milliseconds) / Double(dayLength)).rounded(.down))
    }

    /// Milliseconds since 1970 at which counting begins again.
    package var resetsAt: Int64 { (Self.day(date()) + 1) * Self.dayLength }

    package func today(_ tenant: String) -> Counters {
        state.withLock { state in
            turn(&state)
            return state.today[tenant] ?? Counters()
        }
    }

    /// Of all tenants that have used something since the start.
    package var totals: [String: Counters] { state.withLock { $0.totals } }

    package func add(_ counters: Counters, to tenant: String) {
        state.withLock { state in
            turn(&state)
            let bound = TenantSet.maximumCount * 2
            if state.today[tenant] != nil || state.today.count < bound {
                state.today[tenant] = (state.today[tenant] ?? Counters()) + counters
                state.isChanged = true
            }
            if state.totals[tenant] != nil || state.totals.count < bound {
                state.totals[tenant] = (state.totals[tenant] ?? Counters()) + counters
            }
        }
    }

    /// What has to be kept, when something has changed since the last call.
    package func takeChanges() -> Record? {
        state.withLock { state in
            turn(&state)
            guard state.isChanged else { return nil }
            state.isChanged = false
            return Record(day: state.day, tenants: state.today)
        }
    }

    /// It could not be kept.
    package func putBack() { state.withLock { $0.isChanged = true } }

    private func turn(_ state: inout State) {
        let day = Self.day(date())
        if day > state.day {
            state.today = [:]
        }
        // A clock that wavers about midnight is not followed back: each step forward would begin a day again.
        guard day > state.day || day < state.day - 1 else { return }
        state.day = day
        state.isChanged = true
    }
}
