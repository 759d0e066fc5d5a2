internal import Glibc

/// Evaluates a condition every few milliseconds until it holds or the deadline has passed.
///
/// - Parameters:
///   - deadline: how long to wait at least, counted in pauses: where many tests run beside this one and it gets no
///     processor, it loses none of its time. A test that passes never waits for it.
///   - interval: the pause between two evaluations.
/// - Returns: whether the condition held. It is evaluated once more after the deadline.
package func eventually(
    within deadline: Duration = .seconds(20), every interval: Duration = .milliseconds(5),
    _ condition: () throws -> Bool
) async rethrows -> Bool {
    for _ in 0..<Int(deadline / interval) {
        if try condition() { return true }
        // A cancelled test has no time left.
        guard (try? await Task.sleep(for: interval)) != nil else { break }
    }
    return try condition()
}

/// The same for tests that block a thread of their own.
package func blockingEventually(
    within deadline: Duration = .seconds(20), every interval: Duration = .milliseconds(5),
    _ condition: () throws -> Bool
) rethrows -> Bool {
    for _ in 0..<Int(deadline / interval) {
        if try condition() { return true }
        usleep(useconds_t(interval / .microseconds(1)))
    }
    return try condition()
}
