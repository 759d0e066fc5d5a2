internal import Synchronization

/// Input of a running program that has not reached it yet: bounded, in order, with an end.
///
/// Safe from any thread; nothing waits. It may be filled before the program starts.
package final class InputQueue: Sendable {
    /// What became of an offer.
    package enum Answer: Sendable, Equatable {
        case taken
        /// Not taken, not even in part: the program reads too slowly. Offer it again later.
        case full
        /// The end has been announced, or the program is gone.
        case closed
    }

    /// What the run's thread finds.
    enum Content: Equatable {
        case bytes([UInt8])
        case nothing
        case ended
    }

    /// Bytes that may wait, by default.
    package static let standardCapacity = 1_048_576

    private struct State {
        var bytes: [UInt8] = []
        var isEnded = false
        var isGone = false
        var wakeup: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let capacity: Int

    /// - Parameters:
    ///   - bytes: what the program reads first, however much that is.
    ///   - capacity: how many bytes may wait here.
    package init(_ bytes: [UInt8] = [], capacity: Int = standardCapacity) {
        state = Mutex(State(bytes: bytes))
        self.capacity = capacity
    }

    /// Puts bytes behind those that wait, and after them, if wanted, the end.
    @discardableResult
    package func offer(_ bytes: [UInt8], end: Bool = false) -> Answer {
        let (answer, wakeup): (Answer, (@Sendable () -> Void)?) = state.withLock { state in
            guard !state.isEnded, !state.isGone else { return (.closed, nil) }
            guard bytes.isEmpty || bytes.count <= capacity - min(state.bytes.count, capacity) else {
                return (.full, nil)
            }
            state.bytes.append(contentsOf: bytes)
            state.isEnded = end
            return (.taken, state.wakeup)
        }
        wakeup?()
        return answer
    }

    /// Takes all that waits.
    func take() -> Content {
        state.withLock { state in
            guard state.bytes.isEmpty else {
                defer { state.bytes = [] }
                return .bytes(state.bytes)
            }
            return state.isEnded ? .ended : .nothing
        }
    }

    /// From now on `wakeup` is called after each offer that was taken.
    func listen(_ wakeup: @escaping @Sendable () -> Void) {
        state.withLock { $0.wakeup = wakeup }
    }

    /// The program reads no more.
    package func close() {
        state.withLock { state in
            state.isGone = true
            state.bytes = []
            state.wakeup = nil
        }
    }
}
