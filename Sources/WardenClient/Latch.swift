internal import Synchronization

/// A value that is set once and can be waited for by any number of tasks.
///
/// Waiting does not end early when the task is cancelled: what it waits for always comes.
final class Latch<Value: Sendable>: Sendable {
    private enum State {
        case open([CheckedContinuation<Value, Never>])
        case set(Value)
    }

    private let state = Mutex(State.open([]))

    /// Sets the value and wakes all who wait. Only the first call has an effect.
    func set(_ value: Value) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .open(let waiting) = state else { return [] }
            state = .set(value)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// The value, if it has been set.
    var value: Value? {
        state.withLock { if case .set(let value) = $0 { value } else { nil } }
    }

    /// The value, as soon as it is set.
    func wait() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                switch state {
                case .set(let value): return value
                case .open(let waiting):
                    state = .open(waiting + [continuation])
                    return nil
                }
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
