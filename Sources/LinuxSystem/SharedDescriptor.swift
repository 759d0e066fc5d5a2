internal import Synchronization

/// The owner of a descriptor inside values that can be copied or that go from thread to thread.
///
/// The descriptor is closed exactly once: by `close`, by the owner that `take` moved it to, or with the last reference.
/// Safe from any thread. Only the thread that uses the descriptor should close it: a number that is in a system call of
/// one thread must not be closed by another.
package final class SharedDescriptor: Sendable {
    private let held: Mutex<OwnedDescriptor?>

    package init(_ descriptor: consuming sending OwnedDescriptor) {
        held = Mutex(descriptor)
    }

    /// The number, for calls that borrow the descriptor; -1 once it has been taken or closed.
    package var number: Int32 {
        held.withLock { $0.borrowedNumber ?? -1 }
    }

    /// Moves the descriptor to the caller; nil when it has been taken or closed.
    package func take() -> OwnedDescriptor? {
        held.withLock { $0.take() }
    }

    /// Closes the descriptor now. Does nothing when it has been taken or closed.
    package func close() {
        held.withLock { $0 = nil }
    }

    /// Runs `body` with the number of a descriptor that stays open meanwhile, whatever other threads do.
    ///
    /// - Parameter body: must not block: it runs under a lock.
    /// - Returns: nil when the descriptor has been taken or closed.
    package func withNumber<Result: Sendable>(_ body: (Int32) -> Result) -> Result? {
        held.withLock { descriptor -> Result? in descriptor.borrowedNumber.map(body) }
    }
}

extension DescriptorList {
    /// The next descriptor where a copyable value is needed; nil after the last.
    package mutating func takeShared() -> SharedDescriptor? {
        switch take() {
        case .some(let descriptor): SharedDescriptor(descriptor)
        case .none: nil
        }
    }
}

extension DescriptorPair {
    /// Both ends where copyable values are needed.
    package consuming func shared() -> (first: SharedDescriptor, second: SharedDescriptor) {
        split { first, second in (SharedDescriptor(first), SharedDescriptor(second)) }
    }
}
