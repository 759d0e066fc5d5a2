internal import CLinux

/// CLOCK_MONOTONIC in nanoseconds: limits must not move when the time of day is set.
package func monotonicNow() -> Int64 {
    nestbox_monotonic()
}

/// A timerfd on CLOCK_MONOTONIC. Readable once its moment has come.
package struct TimerDescriptor: ~Copyable {
    package let descriptor: OwnedDescriptor

    package init() throws(SystemCallError) {
        descriptor = OwnedDescriptor(owning: try check(nestbox_timer_create(), "timerfd_create"))
    }

    /// Arms it for an absolute time, or disarms it. A time that has passed fires immediately.
    package func arm(at moment: Int64?) throws(SystemCallError) {
        try check(nestbox_timer_arm(descriptor.number, moment.map { max($0, 1) } ?? 0), "timerfd_settime")
    }
}
