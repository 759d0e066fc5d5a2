internal import Synchronization

/// How many connections are open, at all and per address. Safe from any thread.
///
/// Its table has an entry per address with an open connection and is so bounded by the total.
package final class ConnectionCounter: Sendable {
    private struct State {
        var total = 0
        var perAddress: [String: Int] = [:]
    }

    private let perAddress: Int
    private let total: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - perAddress: connections of one address at once; at least 1.
    ///   - total: connections at once; at least 1.
    package init(perAddress: Int, total: Int) {
        self.perAddress = max(perAddress, 1)
        self.total = max(total, 1)
    }

    /// Counts a connection, unless it would be one too many; then nothing is counted and `close` must not be called.
    ///
    /// - Parameter address: whom it counts for, `ClientAddress.bucket`; nil counts in the total alone, for proxies,
    ///   behind which are many clients, and Unix sockets.
    package func open(_ address: String?) -> Bool {
        state.withLock { state in
            guard state.total < total else { return false }
            if let address {
                let count = state.perAddress[address] ?? 0
                guard count < perAddress else { return false }
                state.perAddress[address] = count + 1
            }
            state.total += 1
            return true
        }
    }

    /// Ends a connection that `open` has counted, with the same address. One that was not counted changes nothing.
    package func close(_ address: String?) {
        state.withLock { state in
            if let address {
                guard let count = state.perAddress[address] else { return }
                state.perAddress[address] = count > 1 ? count - 1 : nil
            }
            state.total = max(state.total - 1, 0)
        }
    }

    package var openConnections: Int {
        state.withLock { $0.total }
    }

    /// Addresses with an open connection.
    var addresses: Int {
        state.withLock { $0.perAddress.count }
    }
}
