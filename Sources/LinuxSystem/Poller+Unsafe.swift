internal import CLinux

/// An epoll instance. Each watched descriptor carries a number of the caller's.
package struct Poller: ~Copyable {
    private let descriptor: OwnedDescriptor
    private var tokens = [UInt64](repeating: 0, count: 64)

    package init() throws(SystemCallError) {
        descriptor = OwnedDescriptor(owning: try check(nestbox_poller_create(), "epoll_create1"))
    }

    /// What to wait for besides hang-up and errors.
    package enum Interest: Sendable {
        case input
        /// Exceptional conditions, as cgroup v2 event files report them.
        case priority
    }

    package func watch(_ watched: Int32, token: UInt64, for interest: Interest = .input) throws(SystemCallError) {
        try check(
            nestbox_poller_add(descriptor.number, watched, token, interest == .priority ? 1 : 0), "epoll_ctl(ADD)")
    }

    /// Stops watching. Do it before the descriptor is closed, since a duplicate elsewhere would keep it registered.
    package func forget(_ watched: Int32) {
        _ = nestbox_poller_remove(descriptor.number, watched)
    }

    /// Blocks until something happens and returns the tokens it happened to. Empty after a signal.
    package mutating func wait() throws(SystemCallError) -> [UInt64] {
        // SAFETY: the array has room for as many tokens as the call may write.
        let count = unsafe nestbox_poller_wait(descriptor.number, &tokens, Int32(tokens.count))
        try check(count, "epoll_wait")
        return Array(tokens.prefix(Int(count)))
    }
}
