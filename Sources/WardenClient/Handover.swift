internal import Synchronization

/// Carries a value that cannot be copied into the closure of a thread.
final class Handover<Value: ~Copyable & Sendable>: Sendable {
    private let held: Mutex<Value?>

    init(_ value: consuming sending Value) {
        held = Mutex(value)
    }

    /// The value, on the first call; nil afterwards.
    func take() -> Value? {
        held.withLock { $0.take() }
    }
}
