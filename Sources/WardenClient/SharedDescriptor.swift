package import LinuxSystem
internal import Synchronization

/// A descriptor inside a value that can be copied, such as an event. Whoever takes it owns it; if nobody does, it is
/// closed with the last copy.
package final class SharedDescriptor: Sendable {
    private let held: Mutex<OwnedDescriptor?>

    package init(_ descriptor: consuming sending OwnedDescriptor) {
        held = Mutex(descriptor)
    }

    /// The descriptor, on the first call; nil afterwards.
    package func take() -> OwnedDescriptor? {
        held.withLock { $0.take() }
    }

    /// Runs `body` with the descriptor's number, which stays open meanwhile, or returns nil when it has been taken.
    ///
    /// - Parameter body: must not block; it runs under a lock.
    func withNumber<Result: Sendable>(_ body: (Int32) -> Result) -> Result? {
        held.withLock { descriptor -> Result? in
            switch descriptor {
            case .some(let owned): body(owned.number)
            case .none: nil
            }
        }
    }
}
