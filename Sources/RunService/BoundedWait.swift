/// Waits for something that cannot be cancelled, but not for longer than a given time.
package enum BoundedWait {
    /// - Parameters:
    ///   - time: how long.
    ///   - wait: what is waited for. It has to return once `giveUp` was called.
    ///   - giveUp: called when the time is over; whoever waits for the same thing is woken, too.
    /// - Returns: whether it came in time.
    package static func run(
        _ time: Duration, _ wait: @escaping @Sendable () async -> Void, giveUp: () -> Void
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await wait()
                return true
            }
            group.addTask {
                // A cancelled sleep: what was waited for has come.
                do { try await Task.sleep(for: time) } catch {}
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            if !first { giveUp() }
            return first
        }
    }
}
