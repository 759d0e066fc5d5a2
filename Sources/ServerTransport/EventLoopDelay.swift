internal import NIOCore
internal import NIOPosix

/// Measures how late the threads of connections carry out what is due: what every connection on the thread waits.
package enum EventLoopDelay {
    /// Measures on each thread until the process ends.
    ///
    /// - Parameters:
    ///   - interval: nanoseconds from one measurement to the next.
    ///   - report: called on the event loop's thread with the delay in nanoseconds.
    package static func measure(every interval: Int64, _ report: @escaping @Sendable (Int64) -> Void) {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            schedule(on: loop, every: .nanoseconds(interval), report)
        }
    }

    /// Returns when each of the threads has had a turn.
    ///
    /// - Throws: when they have been shut down.
    package static func turn() async throws {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() { try await loop.submit {}.get() }
    }

    private static func schedule(
        on loop: any EventLoop, every interval: TimeAmount, _ report: @escaping @Sendable (Int64) -> Void
    ) {
        let due = NIODeadline.now() + interval
        // Fails only when the loop has been shut down, and then there is nothing to measure.
        loop.scheduleTask(deadline: due) {
            report((NIODeadline.now() - due).nanoseconds)
            schedule(on: loop, every: interval, report)
        }
    }
}
