internal import Synchronization

/// Counts open connections, in total and per address. Safe from any thread.
///
/// Its table has one entry per address with an open connection, so the total bounds it.
package final class ConnectionCounter: Sendable {
    private struct State {
        var total = 0
        var perAddress: [String: Int] = [:]
    }

    private let perAddress: Int
    private let total: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - perAddress: the most open connections of one address; at least 1.
    ///   - total: the most open connections; at least 1.
    package init(perAddress: Int, total: Int) {
        self.perAddress = max(perAddress, 1)
        self.total = max(total, 1)
    }

    /// Counts a connection, unless that would exceed a limit; then nothing is counted and `close` must not be called.
    ///
    /// - Parameter address: the `ClientAddress.bucket` it counts for; nil counts in the total only, for proxies,
    ///   which have many clients, and Unix sockets.
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

    /// Uncounts a connection that `open` has counted, with the same address. For one that was not counted it does nothing.
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

    /// The number of addresses with an open connection.
    var addresses: Int {
        state.withLock { $0.perAddress.count }
    }
}
