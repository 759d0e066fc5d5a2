internal import CLinux
internal import Glibc

/// An eventfd(2): a counter the kernel adds to, readable while it is not zero.
package struct EventCounter: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    /// A counter at zero; non-blocking and close-on-exec.
    package init() throws(SystemCallError) {
        descriptor = OwnedDescriptor(owning: try check(nestbox_eventfd(), "eventfd"))
    }

    /// The descriptor, for poll(2) and epoll; owned by this value.
    package var number: Int32 { descriptor.number }

    /// Sets the counter back to zero and says what it was. Never blocks.
    package borrowing func drain() throws(SystemCallError) -> UInt64 {
        var value: UInt64 = 0
        while true {
            // SAFETY: an eventfd yields exactly eight bytes, the size of `value`.
            let count = unsafe withUnsafeMutableBytes(of: &value) { unsafe read(descriptor.number, $0.baseAddress, 8) }
            if count == 8 { return value }
            if lastErrno == EAGAIN { return 0 }
            guard lastErrno == EINTR else { throw SystemCallError("read", errno: lastErrno, object: "eventfd") }
        }
    }
}
