internal import CLinux
internal import Glibc

/// An epoll instance. Each watched descriptor carries a number of the caller's.
package struct Poller: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor
    private var tokens = [UInt64](repeating: 0, count: 64)
    private var found = [UInt32](repeating: 0, count: 64)

    package init() throws(SystemCallError) {
        descriptor = OwnedDescriptor(owning: try check(nestbox_poller_create(), "epoll_create1"))
    }

    /// What to wait for besides hang-up and errors.
    package enum Interest: Sendable {
        case input
        /// Exceptional conditions, as cgroup v2 event files report them.
        case priority
    }

    /// EPOLLET: told once each time a descriptor becomes ready, not for as long as it is.
    package static let edge: UInt32 = 1 << 31

    package func watch(_ watched: Int32, token: UInt64, for interest: Interest = .input) throws(SystemCallError) {
        try watch(watched, token: token, events: UInt32(interest == .priority ? POLLPRI : POLLIN))
    }

    /// Watches a descriptor for events of poll(2), whose numbers are those of epoll.
    package func watch(_ watched: Int32, token: UInt64, events: UInt32) throws(SystemCallError) {
        try check(nestbox_poller_set(descriptor.number, watched, token, events, 0), "epoll_ctl(ADD)")
    }

    /// Changes what a watched descriptor is watched for.
    package func change(_ watched: Int32, token: UInt64, events: UInt32) throws(SystemCallError) {
        try check(nestbox_poller_set(descriptor.number, watched, token, events, 1), "epoll_ctl(MOD)")
    }

    /// Stops watching. Do it before the descriptor is closed, since a duplicate elsewhere would keep it registered.
    package func forget(_ watched: Int32) {
        _ = nestbox_poller_remove(descriptor.number, watched)
    }

    /// Blocks until something happens and returns the tokens it happened to. Empty after a signal.
    package mutating func wait() throws(SystemCallError) -> [UInt64] {
        try wait(timeout: -1).map(\.token)
    }

    /// Blocks until something happens and says what happened to which tokens. Empty after the time, and after a signal.
    ///
    /// - Parameter timeout: milliseconds; -1 for ever.
    package mutating func wait(timeout: Int32) throws(SystemCallError) -> [(token: UInt64, events: UInt32)] {
        // SAFETY: both arrays have room for as many values as the call may write.
        let count = unsafe nestbox_poller_wait(descriptor.number, &tokens, &found, Int32(tokens.count), timeout)
        try check(count, "epoll_wait")
        return (0..<Int(count)).map { (tokens[$0], found[$0]) }
    }
}
