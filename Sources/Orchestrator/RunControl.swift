package import SandboxSpec
internal import Synchronization
internal import WardenProtocol

/// What others may do to a run while it lasts: end it, signal it, tell it the size of its terminal.
///
/// Safe from any thread, at any time, any number of times; nothing waits.
package final class RunControl: Sendable {
    private struct State {
        var isCancelled = false
        var isSignalled = false
        var size: TerminalSize?
        var sandbox: (any Sandbox)?
    }

    private let state = Mutex(State())

    package init() {}

    /// Ends the run, whatever it does, with the verdict `cancelled`. Without effect once it has finished.
    package func cancel() {
        let sandbox = state.withLock { state in
            state.isCancelled = true
            return state.sandbox
        }
        sandbox?.kill(.cancelled)
    }

    package func signal(_ number: UInt8) {
        let sandbox = state.withLock { state in
            state.isSignalled = true
            return state.sandbox
        }
        sandbox?.signal(number)
    }

    package func resize(_ size: TerminalSize) {
        let sandbox = state.withLock { state in
            state.size = size
            return state.sandbox
        }
        sandbox?.resize(size)
    }

    var isCancelled: Bool {
        state.withLock { $0.isCancelled }
    }

    /// Somebody has ended or signalled the run: what its programs leave may be due to that.
    var wasDisturbed: Bool {
        state.withLock { $0.isCancelled || $0.isSignalled }
    }

    /// The step's sandbox, from here on until the next one.
    func attach(_ sandbox: (any Sandbox)?) {
        let (isCancelled, size) = state.withLock { state in
            state.sandbox = sandbox
            return (state.isCancelled, state.size)
        }
        if let size { sandbox?.resize(size) }
        if isCancelled { sandbox?.kill(.cancelled) }
    }
}
