internal import LinuxSystem

/// Measures how late the thread of a reactor gives turns: what every other member waits beyond its own deadline.
///
/// Costs one turn per interval. A deadline is kept within one or two milliseconds on an idle thread, so smaller values say
/// nothing.
package final class ReactorDelayProbe: ReactorMember {
    private let interval: Int64
    private let report: @Sendable (Int64) -> Bool
    private var due: Int64?

    /// - Parameters:
    ///   - interval: nanoseconds from one measurement to the next.
    ///   - report: called on the reactor's thread with the delay in nanoseconds; returns whether to continue.
    package init(interval: Int64, report: @escaping @Sendable (Int64) -> Bool) {
        self.interval = interval
        self.report = report
    }

    package func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        let now = monotonicNow()
        if let due, now >= due {
            guard report(now - due) else { return nil }
            self.due = now + interval
        }
        let moment = due ?? now + interval
        due = moment
        var interest = ReactorInterest()
        interest.wake(at: moment)
        return interest
    }
}
