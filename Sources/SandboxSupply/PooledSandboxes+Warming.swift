package import SandboxPool

extension PooledSandboxes {
    /// Fills pools that are about to take the place of others, which stay until `configure`: runs find sandboxes of the old rules until
    /// then, and of the new ones after it.
    ///
    /// - Parameter timeout: what is not ready by then becomes so later; runs may start cold until then.
    package func warm(_ descriptions: [PoolDescription], timeout: Duration = .seconds(5)) async {
        let before = Self.keyed(reports.map(\.description))
        let fresh = Self.keyed(descriptions)
        let new = Set(fresh.map(\.key)).subtracting(before.map(\.key))
        configure(before + fresh, warming: new, onlyAt: nil)
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            let isFilling = reports.contains { report in
                new.contains(PoolKey(report.description.spec, opening: report.description.opening))
                    && report.status.lastError == nil && report.status.parked < report.status.target
            }
            if !isFilling { return }
            // A cancelled sleep: who cancels does not want to wait.
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
    }
}
